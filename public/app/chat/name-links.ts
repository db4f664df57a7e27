import type { BlockNode, InlineNode } from '../markdown/nodes.ts';

export interface NamedElement {
  readonly elementId: string;
  readonly name: string;
}

const letter = /[\p{L}\p{N}_]/u;
/** Shorter names would be found in every other word. */
const shortest = 2;

/** Makes the names of elements in a block of text into references to them. Code and links stay as they are. */
export function createNameLinks(elements: readonly NamedElement[]): (node: BlockNode) => BlockNode {
  const named = elements.filter(({ name }) => name.trim().length >= shortest).sort((a, b) => b.name.length - a.name.length);

  function inText(text: string): readonly InlineNode[] {
    const found: InlineNode[] = [];
    let from = 0;
    for (let hit = firstIn(named, text, from); hit !== null; hit = firstIn(named, text, from)) {
      if (hit.at > from) found.push({ type: 'text', text: text.slice(from, hit.at) });
      const { elementId, name } = hit.element;
      found.push({ type: 'reference', id: elementId, children: [{ type: 'text', text: name }] });
      from = hit.at + name.length;
    }
    if (found.length === 0) return [{ type: 'text', text }];
    if (from < text.length) found.push({ type: 'text', text: text.slice(from) });
    return found;
  }

  const inline = (nodes: readonly InlineNode[]): readonly InlineNode[] =>
    nodes.flatMap((node): readonly InlineNode[] => {
      if (node.type === 'text') return inText(node.text);
      if (node.type === 'strong' || node.type === 'emphasis' || node.type === 'strike')
        return [{ ...node, children: inline(node.children) }];
      return [node];
    });

  return function refine(node: BlockNode): BlockNode {
    switch (node.type) {
      case 'paragraph':
      case 'text':
      case 'heading':
        return { ...node, children: inline(node.children) };
      case 'quote':
        return { ...node, children: node.children.map(refine) };
      case 'list':
        return { ...node, items: node.items.map((item) => ({ ...item, children: item.children.map(refine) })) };
      case 'table':
        return { ...node, rows: node.rows.map((row) => row.map(inline)) };
      default:
        return node;
    }
  };
}

interface Hit {
  readonly at: number;
  readonly element: NamedElement;
}

/** The first whole name at or after a place; of two at one place the longer. */
function firstIn(named: readonly NamedElement[], text: string, from: number): Hit | null {
  let best: Hit | null = null;
  for (const element of named) {
    for (let at = text.indexOf(element.name, from); at >= 0 && (best === null || at < best.at); at = text.indexOf(element.name, at + 1)) {
      if (!isWhole(text, at, element.name)) continue;
      best = { at, element };
      break;
    }
  }
  return best;
}

function isWhole(text: string, at: number, name: string): boolean {
  const before = text.charAt(at - 1);
  const after = text.charAt(at + name.length);
  const inside = (edge: string, beside: string) => letter.test(edge) && letter.test(beside);
  return !inside(name.charAt(0), before) && !inside(name.charAt(name.length - 1), after);
}
