import { useRef, useState } from 'preact/hooks';
import { BlockGroups } from './block-groups.tsx';
import type { MarkdownProps } from './markdown.tsx';
import { createMarkdownModel } from './parse-markdown.ts';
import { useKeptSelection } from './use-kept-selection.ts';

/** From so many blocks on, those out of sight are neither laid out nor painted. */
const longBlocks = 40;

/** Markdown that nobody vouches for, shown safely: no markup of the source reaches the page, only the tree of nodes.ts does. */
export function MarkdownView({ source, streaming, refine }: MarkdownProps) {
  const host = useRef<HTMLDivElement>(null);
  useKeptSelection(host);
  const [model] = useState(createMarkdownModel);
  const blocks = model.update(source, streaming);
  return (
    <div class="md" ref={host} data-long={blocks.length > longBlocks ? '' : undefined}>
      <BlockGroups blocks={blocks} refine={refine} open={streaming} />
    </div>
  );
}
