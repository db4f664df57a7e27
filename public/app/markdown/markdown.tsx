import { signal } from '@preact/signals';
import type { ComponentType } from 'preact';
import type { BlockNode } from './nodes.ts';

export interface MarkdownProps {
  readonly source: string;
  /** true while more text may come: only the open end is parsed and drawn, the whole once when it turns false */
  readonly streaming: boolean;
  /** changes blocks that are closed, once each; a new function paints them anew */
  readonly refine?: ((node: BlockNode) => BlockNode) | undefined;
}

const loaded = signal<ComponentType<MarkdownProps> | null>(null);
let loading: Promise<void> | null = null;

/**
 * Fetches what reads Markdown: a third of the page, and nobody needs it to begin to write. The page asks for it with the first key
 * or touch, so that it is there before the first message. Never rejects: the next message asks again.
 */
export function loadMarkdown(): Promise<void> {
  loading ??= import('./markdown-view.tsx').then(
    ({ MarkdownView }) => {
      loaded.value = MarkdownView;
    },
    () => {
      loading = null;
    },
  );
  return loading;
}

/** Markdown that nobody vouches for, shown safely. Until its reader is here, and where it cannot be fetched, as it was written. */
export function Markdown(props: MarkdownProps) {
  const View = loaded.value;
  if (View !== null) return <View {...props} />;
  void loadMarkdown();
  return (
    <div class="md">
      <p class="md-as-written" dir="auto">
        {props.source}
      </p>
    </div>
  );
}
