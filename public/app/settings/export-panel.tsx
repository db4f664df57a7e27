import { useEffect, useMemo } from 'preact/hooks';
import { explain } from '../actions/explain.ts';
import { useApp } from '../app-context.ts';
import { downloadBlob } from '../browser/download-text.ts';
import { createExportDownload } from '../state/export-download.ts';
import { Button } from '../ui/button.tsx';
import { ProgressBar } from './progress-bar.tsx';

/** The whole account as one file. What is cut goes on where it stopped. */
export function ExportPanel() {
  const { i18n } = useApp();
  const { t } = i18n;
  const store = useMemo(() => createExportDownload({ fetch: (path, init) => fetch(path, init) }), []);
  useEffect(() => () => store.pause(), []);
  const { phase, bytes, error } = store.view.value;
  const size = i18n.bytes(bytes);
  const save = () => downloadBlob(`jarvis-argus-${new Date().toISOString().slice(0, 10)}.ndjson`, store.file());
  const run = () =>
    void store.run().then(() => {
      if (store.view.peek().phase === 'done') save();
    });
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
            <Button icon="download" onClick={save}>
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
