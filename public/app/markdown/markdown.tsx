import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import { BlockView } from './block-view.tsx';
import type { BlockNode } from './nodes.ts';
import { createMarkdownModel } from './parse-markdown.ts';

export interface MarkdownProps {
  readonly source: string;
  /** true while more text may come: only the open end is parsed and drawn, the whole once when it turns false */
  readonly streaming: boolean;
}

/** The same node gives the same vnode object, which Preact recognises and leaves alone. */
function createBlockViews(): (node: BlockNode, index: number) => VNode {
  const views = new WeakMap<BlockNode, { readonly index: number; readonly view: VNode }>();
  return (node, index) => {
    const known = views.get(node);
    if (known?.index === index) return known.view;
    const view = <BlockView key={index} node={node} />;
    views.set(node, { index, view });
    return view;
  };
}

/** Markdown that nobody vouches for, shown safely: no markup of the source reaches the page, only the tree of nodes.ts does. */
export function Markdown({ source, streaming }: MarkdownProps) {
  const [model] = useState(createMarkdownModel);
  const [viewOf] = useState(createBlockViews);
  return <div class="md">{model.update(source, streaming).map(({ node }, index) => viewOf(node, index))}</div>;
}
