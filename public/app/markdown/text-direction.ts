import type { BlockNode, InlineNode } from './nodes.ts';

const strong = /[\p{Script=Hebrew}\p{Script=Arabic}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}]|(\p{L})/u;

function inlineDirection(nodes: readonly InlineNode[]): 'ltr' | 'rtl' | undefined {
  for (const node of nodes) {
    let found: 'ltr' | 'rtl' | undefined;
    if (node.type === 'text') {
      const match = strong.exec(node.text);
      if (match !== null) found = match[1] === undefined ? 'rtl' : 'ltr';
    } else if ('children' in node && node.type !== 'code-span') found = inlineDirection(node.children);
    if (found !== undefined) return found;
  }
  return undefined;
}

function firstOf<T>(items: readonly T[], read: (item: T) => 'ltr' | 'rtl' | undefined): 'ltr' | 'rtl' | undefined {
  for (const item of items) {
    const found = read(item);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Direction of the first letter in blocks. `dir="auto"` cannot tell it for a container: it skips children that have a `dir` themselves. */
export function directionOf(blocks: readonly BlockNode[]): 'ltr' | 'rtl' | undefined {
  return firstOf(blocks, (block) => {
    if (block.type === 'quote') return directionOf(block.children);
    if (block.type === 'list') return firstOf(block.items, (item) => directionOf(item.children));
    if (block.type === 'table') return firstOf([...block.header, ...block.rows.flat()], inlineDirection);
    return block.type === 'rule' || block.type === 'code' || block.type === 'formula-block' ? undefined : inlineDirection(block.children);
  });
}
