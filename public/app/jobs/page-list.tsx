import type { ComponentChildren } from 'preact';
import { explain } from '../actions/explain.ts';
import { useApp } from '../app-context.ts';
import type { PagedView } from '../state/paged.ts';
import { Button } from '../ui/button.tsx';
import { Icon, type IconName } from '../ui/icon.tsx';
import { Skeleton } from '../ui/skeleton.tsx';

export interface PageListProps {
  readonly view: PagedView<unknown>;
  /** Says what is being loaded. */
  readonly label: string;
  readonly onRetry: () => void;
  readonly empty: { readonly icon: IconName; readonly title: string; readonly hint?: string };
  /** How many are shown, after a filter. */
  readonly count: number;
  readonly children: ComponentChildren;
}

/** A list that comes in pages, with what stands in its place while it loads, when it is empty, and when it failed. */
export function PageList({ view, label, onRetry, empty, count, children }: PageListProps) {
  const { i18n } = useApp();
  const loading = view.phase === 'loading' && view.items.length === 0;
  if (loading) {
    return (
      <div role="status" aria-busy="true" aria-label={label}>
        <Skeleton lines={6} />
      </div>
    );
  }
  const failed =
    view.error === null ? null : (
      <div class="page-error" role="alert">
        <span>{explain(i18n, view.error)}</span>
        <Button size="sm" onClick={onRetry}>
          {i18n.t('action.retry')}
        </Button>
      </div>
    );
  if (count > 0) {
    return (
      <>
        {failed}
        {children}
      </>
    );
  }
  return (
    failed ?? (
      <div class="page-state">
        <Icon name={empty.icon} size="lg" />
        <h2>{empty.title}</h2>
        {empty.hint === undefined ? null : <p>{empty.hint}</p>}
      </div>
    )
  );
}
