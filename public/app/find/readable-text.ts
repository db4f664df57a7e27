import type { Message } from '../../../src/protocol/shapes.ts';
import { textOf } from '../chat/message-parts.ts';
import type { BlockNode, InlineNode } from '../markdown/nodes.ts';
import { parseMarkdown } from '../markdown/parse-markdown.ts';
import { blockEnd, countIn, foldText } from './fold-text.ts';

function inlineText(nodes: readonly InlineNode[]): string {
  let text = '';
  for (const node of nodes) {
    if (node.type === 'text') text += node.text;
    else if (node.type === 'break') text += ' ';
    else if ('children' in node) text += inlineText(node.children);
  }
  return text;
}

function blockText(node: BlockNode): string {
  switch (node.type) {
    case 'code':
      return node.text;
    case 'list':
      return node.items.map((item) => item.children.map(blockText).join(blockEnd)).join(blockEnd);
    case 'quote':
      return node.children.map(blockText).join(blockEnd);
    case 'table':
      return [node.header, ...node.rows].flat().map(inlineText).join(blockEnd);
    case 'rule':
    case 'formula-block':
      return '';
    default:
      return inlineText(node.children);
  }
}

/** What a person reads of a Markdown source, block by block. Formulas are drawn, not read letter by letter. */
export function readableText(source: string): string {
  return parseMarkdown(source)
    .map(({ node }) => blockText(node))
    .join(blockEnd);
}

interface Known {
  source?: string;
  readable?: string;
}

/** A message is replaced, never changed: what was worked out for it stays right. */
const known = new WeakMap<Message, Known>();

/** How often a folded query stands in a message as it is read. Only messages whose source holds it are parsed. */
export function hitsIn(message: Message, query: string): number {
  const entry = known.get(message) ?? {};
  known.set(message, entry);
  entry.source ??= foldText(textOf(message.parts));
  if (message.role === 'user') return countIn(entry.source, query);
  if (!entry.source.includes(query)) return 0;
  entry.readable ??= foldText(readableText(textOf(message.parts)));
  return countIn(entry.readable, query);
}
