import { explain } from '../actions/explain.ts';
import { useApp } from '../app-context.ts';
import type { AccountTransfers } from '../state/account-transfers.ts';
import { Button } from '../ui/button.tsx';
import { ProgressBar } from '../ui/progress-bar.tsx';

/** The whole account as one file. What is cut goes on where it stopped. */
export function ExportPanel({ transfers }: { readonly transfers: AccountTransfers }) {
  const { i18n } = useApp();
  const { t } = i18n;
  const store = transfers.exporting.value;
  const { phase, bytes, error } = store.view.value;
  const size = i18n.bytes(bytes);
  const run = () => void transfers.runExport();
  return (
    <section class="data-panel" aria-labelledby="export-title">
      <h3 id="export-title">{t('data.exportTitle')}</h3>
      <p class="account-lead">{t('data.exportLead')}</p>
      {phase === 'running' ? <ProgressBar label={t('data.export')} share={null} /> : null}
      <p class="data-state" role="status" data-state={phase}>
        {phase === 'running' ? t('data.exportProgress', { size }) : null}
        {phase === 'done' ? t('data.exportDone', { size }) : null}
        {phase === 'stopped' ? `${error === null ? '' : explain(i18n, error)} ${t('data.exportStopped', { size })}` : null}
      </p>
      {phase === 'running' ? <p class="account-lead">{t('data.keepOpen')}</p> : null}
      <div class="data-buttons">
        {phase === 'idle' ? (
          <Button icon="download" onClick={run}>
            {t('data.export')}
          </Button>
        ) : null}
        {phase === 'running' ? <Button onClick={() => store.pause()}>{t('data.stop')}</Button> : null}
        {phase === 'stopped' ? (
          <Button variant="primary" onClick={run}>
            {t('data.resume')}
          </Button>
        ) : null}
        {phase === 'done' ? (
          <>
            <Button icon="download" onClick={() => transfers.saveExport()}>
              {t('data.save')}
            </Button>
            <Button variant="ghost" onClick={run}>
              {t('data.again')}
            </Button>
          </>
        ) : null}
      </div>
    </section>
  );
}
