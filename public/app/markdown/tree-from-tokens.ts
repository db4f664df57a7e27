import type { MarkedToken, Token, Tokens } from 'marked';
import { decodeEntities } from './decode-entities.ts';
import type { FormulaToken } from './formula-tokens.ts';
import type { BlockNode, InlineNode, ListNode, TableNode } from './nodes.ts';
import { ownImage, safeLink, saysItsTarget } from './safe-link.ts';
import { visibleText } from './visible-text.ts';

/** Nesting that the page shows; anything deeper becomes text. */
const maxDepth = 48;

const names: ReadonlySet<string> = new Set(
  'blockquote br checkbox code codespan def del em escape heading hr html image link list list_item paragraph space strong table text'.split(
    ' ',
  ),
);

/** The parser's types allow tokens of extensions; none is installed. */
function isFormula(token: { readonly type: string }): token is FormulaToken {
  return token.type === 'formula';
}

function formulaFrom({ tex, raw, display }: FormulaToken): InlineNode {
  // What cannot be seen has no place in a formula: it is shown, as everywhere.
  const shown = visibleText(tex);
  if (shown.some(({ type }) => type === 'invisible')) return { type: 'code-span', children: visibleText(raw.trim()) };
  return { type: 'formula', tex, raw: raw.trim(), display };
}

function isKnown(token: Token): token is MarkedToken {
  return names.has(token.type);
}

/** The words of inline nodes, as a reader sees them. */
export function wordsOf(nodes: readonly InlineNode[]): string {
  let words = '';
  for (const node of nodes) {
    if (node.type === 'text') words += node.text;
    else if (node.type === 'image') words += node.alt;
    else if (node.type === 'formula') words += node.tex;
    else if ('children' in node) words += wordsOf(node.children);
  }
  return words;
}

function linkFrom(token: Tokens.Link, depth: number): readonly InlineNode[] {
  const children = inlineFrom(token.tokens, depth + 1);
  const link = safeLink(token.href);
  if (link === undefined) return children;
  const shown = children.length > 0 ? children : visibleText(link.host);
  const host = saysItsTarget(wordsOf(shown), link) ? {} : { host: link.host };
  return [{ type: 'link', href: link.href, ...host, children: shown }];
}

function imageFrom(token: Tokens.Image): readonly InlineNode[] {
  const own = ownImage(token.href);
  if (own !== undefined) return [{ type: 'image', src: own, alt: decodeEntities(token.text) }];
  const alt = visibleText(decodeEntities(token.text));
  const link = safeLink(token.href);
  if (link === undefined) return alt;
  return [{ type: 'link', href: link.href, host: link.host, image: true, children: alt }];
}

function inlineNodesOf(token: MarkedToken, depth: number): readonly InlineNode[] {
  switch (token.type) {
    case 'strong':
      return [{ type: 'strong', children: inlineFrom(token.tokens, depth + 1) }];
    case 'em':
      return [{ type: 'emphasis', children: inlineFrom(token.tokens, depth + 1) }];
    case 'del':
      return [{ type: 'strike', children: inlineFrom(token.tokens, depth + 1) }];
    case 'codespan':
      return [{ type: 'code-span', children: visibleText(token.text) }];
    case 'br':
      return [{ type: 'break' }];
    case 'link':
      return linkFrom(token, depth);
    case 'image':
      return imageFrom(token);
    case 'escape':
      return visibleText(token.text);
    case 'text':
      return token.tokens === undefined ? visibleText(decodeEntities(token.text)) : inlineFrom(token.tokens, depth + 1);
    case 'checkbox':
      return [];
    default:
      return visibleText(token.raw);
  }
}

/** Joins neighbouring texts, so that the tree does not depend on where the parser happened to stop. */
function pushJoined(nodes: InlineNode[], node: InlineNode): void {
  const last = nodes[nodes.length - 1];
  if (node.type === 'text' && last?.type === 'text') nodes[nodes.length - 1] = { type: 'text', text: last.text + node.text };
  else nodes.push(node);
}

function inlineFrom(tokens: readonly Token[], depth: number): InlineNode[] {
  const nodes: InlineNode[] = [];
  for (const token of tokens) {
    const known = depth <= maxDepth && isKnown(token) ? inlineNodesOf(token, depth) : visibleText(token.raw);
    const found = isFormula(token) ? [formulaFrom(token)] : known;
    for (const node of found) pushJoined(nodes, node);
  }
  return nodes;
}

function levelFrom(depth: number): 1 | 2 | 3 | 4 | 5 | 6 {
  return depth === 1 || depth === 2 || depth === 3 || depth === 4 || depth === 5 ? depth : 6;
}

/** First word of a fence's info string, as far as it can be the name of a language. */
export function languageFrom(info: string | undefined): string {
  return /^[\w+#.-]{1,40}/.exec((info ?? '').trim())?.[0] ?? '';
}

function listFrom(token: Tokens.List, depth: number): ListNode {
  const items = token.items.map((item) => ({
    ...(item.task ? { checked: item.checked === true } : {}),
    children: blocksFrom(item.tokens, depth + 1),
  }));
  return { type: 'list', ...(token.ordered ? { start: token.start === '' ? 1 : token.start } : {}), items };
}

function tableFrom(token: Tokens.Table, depth: number): TableNode {
  const cell = (from: Tokens.TableCell): InlineNode[] => inlineFrom(from.tokens, depth + 1);
  return { type: 'table', align: token.align, header: token.header.map(cell), rows: token.rows.map((row) => row.map(cell)) };
}

/** One block token as a node; undefined for what leaves no trace (space, definitions). */
export function blockFrom(token: Token, depth = 0): BlockNode | undefined {
  if (isFormula(token)) {
    const formula = formulaFrom(token);
    return formula.type === 'formula' ? { type: 'formula-block', formula } : { type: 'paragraph', children: [formula] };
  }
  if (depth > maxDepth || !isKnown(token)) return { type: 'plain', children: visibleText(token.raw) };
  switch (token.type) {
    case 'space':
    case 'def':
    case 'checkbox':
      return undefined;
    case 'heading':
      return { type: 'heading', level: levelFrom(token.depth), children: inlineFrom(token.tokens, depth + 1) };
    case 'paragraph':
      return { type: 'paragraph', children: inlineFrom(token.tokens, depth + 1) };
    case 'text':
      return { type: 'text', children: inlineFrom([token], depth + 1) };
    case 'code':
      return { type: 'code', language: languageFrom(token.lang), text: token.text, closed: true };
    case 'blockquote':
      return { type: 'quote', children: blocksFrom(token.tokens, depth + 1) };
    case 'hr':
      return { type: 'rule' };
    case 'list':
      return listFrom(token, depth);
    case 'table':
      return tableFrom(token, depth);
    default:
      return { type: 'plain', children: visibleText(token.raw) };
  }
}

function blocksFrom(tokens: readonly Token[], depth: number): BlockNode[] {
  return tokens.flatMap((token) => blockFrom(token, depth) ?? []);
}
