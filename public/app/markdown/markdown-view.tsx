import type { VNode } from 'preact';
import { useMemo, useRef, useState } from 'preact/hooks';
import { BlockView } from './block-view.tsx';
import type { MarkdownProps } from './markdown.tsx';
import type { BlockNode } from './nodes.ts';
import { createMarkdownModel } from './parse-markdown.ts';
import { useKeptSelection } from './use-kept-selection.ts';

/** From so many blocks on, those out of sight are neither laid out nor painted: a token costs the same at the end of a book. */
const longBlocks = 40;

/** The same node gives the same vnode object, which Preact recognises and leaves alone. */
function createBlockViews(refine: MarkdownProps['refine']): (node: BlockNode, index: number, open: boolean) => VNode {
  const views = new WeakMap<BlockNode, { readonly index: number; readonly view: VNode }>();
  return (node, index, open) => {
    const known = views.get(node);
    if (known?.index === index) return known.view;
    const view = <BlockView key={index} node={open || refine === undefined ? node : refine(node)} />;
    if (!open) views.set(node, { index, view });
    return view;
  };
}

/** Markdown that nobody vouches for, shown safely: no markup of the source reaches the page, only the tree of nodes.ts does. */
export function MarkdownView({ source, streaming, refine }: MarkdownProps) {
  const host = useRef<HTMLDivElement>(null);
  useKeptSelection(host);
  const [model] = useState(createMarkdownModel);
  const viewOf = useMemo(() => createBlockViews(refine), [refine]);
  const blocks = model.update(source, streaming);
  const open = streaming && refine !== undefined ? blocks.length - 1 : -1;
  return (
    <div class="md" ref={host} data-long={blocks.length > longBlocks ? '' : undefined}>
      {blocks.map(({ node }, index) => viewOf(node, index, index === open))}
    </div>
  );
}
