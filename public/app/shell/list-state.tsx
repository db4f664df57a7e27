import type { ReadonlySignal } from '@preact/signals';
import { explain } from '../actions/explain.ts';
import { useApp } from '../app-context.ts';
import type { ListPhase } from '../state/conversation-view.ts';
import type { RequestError } from '../state/request-error.ts';
import { Button } from '../ui/button.tsx';
import { Skeleton } from '../ui/skeleton.tsx';

export interface ListStateProps {
  readonly list: { readonly phase: ReadonlySignal<ListPhase>; readonly error: ReadonlySignal<RequestError | null> };
  readonly onRetry: () => void;
  /** Said where there is nothing. */
  readonly empty: string;
}

/** What stands in the place of a list that has no row: it is on its way, it failed, or there is nothing. */
export function ListState({ list, onRetry, empty }: ListStateProps) {
  const { i18n } = useApp();
  const error = list.error.value;
  if (error !== null) {
    return (
      <div class="list-state" role="alert">
        <p>{explain(i18n, error)}</p>
        <Button size="sm" onClick={onRetry}>
          {i18n.t('action.retry')}
        </Button>
      </div>
    );
  }
  if (list.phase.value !== 'ready') {
    return (
      <div class="list-state" aria-busy="true">
        <Skeleton lines={5} />
      </div>
    );
  }
  return (
    <p class="list-state" role="status">
      {empty}
    </p>
  );
}
