import type { RefObject } from 'preact';
import { useLayoutEffect } from 'preact/hooks';

/** Keeps what is selected in an element whose text is about to be drawn anew: a text that is replaced by a longer one drops it. */
export function useKeptSelection(host: RefObject<HTMLElement | null>): void {
  const before = selectionIn(host.current);
  useLayoutEffect(() => {
    if (before === null) return;
    const { selection, anchor, focus } = before;
    const same = selection.anchorNode === anchor.node && selection.anchorOffset === anchor.offset;
    if (same && selection.focusNode === focus.node && selection.focusOffset === focus.offset) return;
    if (isThere(anchor) && isThere(focus)) selection.setBaseAndExtent(anchor.node, anchor.offset, focus.node, focus.offset);
  });
}

interface Point {
  readonly node: Node;
  readonly offset: number;
}

function selectionIn(host: HTMLElement | null): { readonly selection: Selection; readonly anchor: Point; readonly focus: Point } | null {
  const selection = host === null ? null : getSelection();
  if (host === null || selection === null || selection.isCollapsed) return null;
  const { anchorNode, focusNode } = selection;
  if (anchorNode === null || focusNode === null || !(host.contains(anchorNode) || host.contains(focusNode))) return null;
  const anchor = { node: anchorNode, offset: selection.anchorOffset };
  return { selection, anchor, focus: { node: focusNode, offset: selection.focusOffset } };
}

function isThere({ node, offset }: Point): boolean {
  return node.isConnected && offset <= (node instanceof Text ? node.length : node.childNodes.length);
}
