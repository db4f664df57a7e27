import { explain } from '../actions/explain.ts';
import { useApp } from '../app-context.ts';
import type { RequestError } from '../state/request-error.ts';
import { Button } from '../ui/button.tsx';
import { Skeleton } from '../ui/skeleton.tsx';

export interface SectionStateProps {
  readonly label: string;
  readonly error: RequestError | null;
  readonly onRetry: () => void;
}

/** What stands in a section until its content is there. */
export function SectionState({ label, error, onRetry }: SectionStateProps) {
  const { i18n } = useApp();
  if (error === null) {
    return (
      <div role="status" aria-busy="true" aria-label={label}>
        <Skeleton lines={4} />
      </div>
    );
  }
  return (
    <div class="section-error" role="alert">
      <p>{explain(i18n, error)}</p>
      <Button size="sm" onClick={onRetry}>
        {i18n.t('action.retry')}
      </Button>
    </div>
  );
}
