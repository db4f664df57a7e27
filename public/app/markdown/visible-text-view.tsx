import { useContext } from 'preact/hooks';
import { MarkdownLabels } from './markdown-labels.ts';
import type { InvisibleNode } from './nodes.ts';
import { visibleText } from './visible-text.ts';

/** The marker that stands where characters that cannot be seen were written. */
export function InvisibleMarker({ node }: { readonly node: InvisibleNode }) {
  const labels = useContext(MarkdownLabels);
  return (
    <span class="md-invisible" dir="ltr" title={labels.hidden === '' ? undefined : labels.hidden}>
      {node.count > 1 ? `${node.name} ×${node.count}` : node.name}
    </span>
  );
}

/** A text whose hidden characters are marked. */
export function VisibleText({ text }: { readonly text: string }) {
  return <>{visibleText(text).map((node) => (node.type === 'text' ? node.text : <InvisibleMarker node={node} />))}</>;
}
