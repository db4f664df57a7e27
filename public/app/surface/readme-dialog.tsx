import { useEffect, useMemo } from 'preact/hooks';
import { explain } from '../actions/explain.ts';
import { useApp } from '../app-context.ts';
import { Markdown } from '../markdown/markdown.tsx';
import type { DialogProps } from '../shell/dialog-host.tsx';
import { createLoaded } from '../state/loaded.ts';
import { Button } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Skeleton } from '../ui/skeleton.tsx';

interface Readme {
  readonly text: string;
}

/** What the operator tells people about this server. */
export function ReadmeDialog({ onClose }: DialogProps<'readme'>) {
  const { state, i18n } = useApp();
  const { t } = i18n;
  const locale = i18n.locale.value;
  const readme = useMemo(() => createLoaded(() => state.rest.get<Readme>(`/api/readme?locale=${locale}`)), [locale]);
  useEffect(() => void readme.load(), [readme]);
  const error = readme.error.value;
  const page = readme.value.value;
  return (
    <Dialog open onClose={onClose} title={t('readme.open')} closeLabel={t('action.close')} size="lg">
      {error !== null ? (
        <div class="lazy-state" role="alert">
          <p>{explain(i18n, error)}</p>
          <Button onClick={() => void readme.load()}>{t('action.retry')}</Button>
        </div>
      ) : page === null ? (
        <div role="status" aria-busy="true" aria-label={t('boot.loading')}>
          <Skeleton lines={6} />
        </div>
      ) : (
        <div class="readme">
          <Markdown source={page.text} streaming={false} />
        </div>
      )}
    </Dialog>
  );
}
