import type { InvisibleNode, TextNode } from './nodes.ts';

/**
 * Controls, direction overrides and isolates, zero-width space, invisible operators, tags and the variation selectors that can
 * carry hidden text. Kept as they are: tab and newline, ZWNJ and ZWJ (Persian and emoji need them), LRM and RLM.
 */
const hidden =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: finding them is the purpose
  /[\u0000-\u0008\u000B-\u001F\u007F-\u009F\u061C\u200B\u2028\u2029\u202A-\u202E\u2060-\u206F\uFEFF\uFFF9-\uFFFB\u{E0000}-\u{E0FFF}]/u;
/** England, Scotland and Wales are a flag followed by tags: those are seen, as a flag. */
const runs = new RegExp(`\\u{1F3F4}[\\u{E0061}-\\u{E007A}]{5}\\u{E007F}|(${hidden.source})+`, 'gu');

function nameOf(character: string): string {
  return `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;
}

/** Splits a text so that nothing in it stays unseen. */
export function visibleText(text: string): (TextNode | InvisibleNode)[] {
  if (!hidden.test(text)) return text === '' ? [] : [{ type: 'text', text }];
  const nodes: (TextNode | InvisibleNode)[] = [];
  let from = 0;
  for (const match of text.matchAll(runs)) {
    if (match[1] === undefined) continue;
    if (match.index > from) nodes.push({ type: 'text', text: text.slice(from, match.index) });
    nodes.push({ type: 'invisible', name: nameOf(match[0]), count: Array.from(match[0]).length });
    from = match.index + match[0].length;
  }
  if (from < text.length) nodes.push({ type: 'text', text: text.slice(from) });
  return nodes;
}

/** The text without any hidden character: for addresses, where a marker has no place. */
export function withoutHidden(text: string): string {
  return text.replace(new RegExp(hidden.source, 'gu'), '');
}
