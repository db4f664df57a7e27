import { common, createLowlight } from 'lowlight';

/** A run of code with the classes of its colour; nested as the grammar nests. */
export type CodePiece = string | { readonly classes: string; readonly pieces: readonly CodePiece[] };

const lowlight = createLowlight(common);

interface HastNode {
  readonly type: string;
  readonly value?: string;
  readonly properties?: { readonly className?: unknown };
  readonly children?: readonly HastNode[];
}

function piecesFrom(nodes: readonly HastNode[]): CodePiece[] {
  return nodes.map((node) => {
    if (node.type === 'text') return node.value ?? '';
    const names = Array.isArray(node.properties?.className) ? node.properties.className : [];
    return { classes: names.filter((name) => typeof name === 'string').join(' '), pieces: piecesFrom(node.children ?? []) };
  });
}

/** Colours code of a known language; undefined for an unknown one. This module is loaded when the first code block closes. */
export function highlight(language: string, text: string): CodePiece[] | undefined {
  const name = language.toLowerCase();
  return lowlight.registered(name) ? piecesFrom(lowlight.highlight(name, text).children) : undefined;
}
