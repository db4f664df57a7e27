import { useEffect, useMemo, useRef } from 'preact/hooks';
import { explain } from '../actions/explain.ts';
import { type App, useApp } from '../app-context.ts';
import { createForeignImport, type ForeignImport, isOwnExport } from '../import/foreign-import.ts';
import { ForeignPanel } from '../import/foreign-panel.tsx';
import { startImportWorker } from '../import/start-import-worker.ts';
import type { AccountTransfers } from '../state/account-transfers.ts';
import { LineTooLong } from '../state/cut-lines.ts';
import type { I18n } from '../state/i18n.ts';
import type { ImportView } from '../state/import-upload.ts';
import { Button } from '../ui/button.tsx';
import { FactList } from '../ui/fact-list.tsx';
import { ProgressBar } from '../ui/progress-bar.tsx';

/** Brings an exported account in, piece by piece; what another program exported is read first, and shown. */
export function ImportPanel({ transfers }: { readonly transfers: AccountTransfers }) {
  const app = useApp();
  const { i18n } = app;
  const { t } = i18n;
  const store = transfers.importing.value;
  const foreign = useForeignImport(app);
  const input = useRef<HTMLInputElement>(null);
  const view = store.view.value;
  const { phase, name, total, sent } = view;
  const share = total === 0 ? 0 : sent / total;
  const hopeless = view.error !== null && isFault(view.error);
  const params = { name, share: i18n.number(share, { style: 'percent' }) };
  const choose = (file: File | undefined) => {
    if (file === undefined) return;
    foreign.clear();
    void isOwnExport(file).then((own) => (own ? void transfers.runImport(file) : foreign.read(file)), app.actions.fail);
  };
  const busy = phase === 'running' || foreign.view.value.phase === 'reading' || foreign.view.value.phase === 'ready';
  return (
    <section class="data-panel" aria-labelledby="import-title">
      <h3 id="import-title">{t('data.importTitle')}</h3>
      <p class="account-lead">{t('data.importLead')}</p>
      {phase === 'running' ? <ProgressBar label={t('data.importTitle')} share={sent === 0 ? null : share} /> : null}
      <State view={view} hopeless={hopeless} params={params} />
      {phase === 'running' ? <p class="account-lead">{t('data.keepOpen')}</p> : null}
      {phase === 'done' || (phase === 'stopped' && sent > 0) ? <Summary view={view} /> : null}
      <div class="data-buttons">
        <input
          ref={input}
          class="visually-hidden"
          type="file"
          accept=".ndjson,.jsonl,.json,.zip,application/x-ndjson,application/json,application/zip"
          tabIndex={-1}
          aria-label={t('data.choose')}
          onChange={(event) => {
            choose(event.currentTarget.files?.[0]);
            event.currentTarget.value = '';
          }}
        />
        {phase === 'running' ? <Button onClick={() => store.stop()}>{t('data.stop')}</Button> : null}
        {phase === 'stopped' && !hopeless ? (
          <Button variant="primary" onClick={() => void transfers.resumeImport()}>
            {t('data.resume')}
          </Button>
        ) : null}
        {busy ? null : (
          <Button icon="paperclip" onClick={() => input.current?.click()}>
            {t('data.choose')}
          </Button>
        )}
      </div>
      <ForeignPanel store={foreign} onImport={(file) => void transfers.runImport(file)} />
    </section>
  );
}

interface StateProps {
  readonly view: ImportView;
  readonly hopeless: boolean;
  readonly params: { readonly name: string; readonly share: string };
}

function State({ view: { phase, sent, error }, hopeless, params }: StateProps) {
  const { i18n } = useApp();
  const { t } = i18n;
  return (
    <div class="data-state" role="status" data-state={phase}>
      {phase === 'running' ? <p>{t('data.importing', params)}</p> : null}
      {phase === 'done' ? <p>{t('data.importDone', params)}</p> : null}
      {phase === 'stopped' ? (
        <>
          {hopeless && sent === 0 ? null : <p>{t('data.importStopped', params)}</p>}
          {error === null ? null : <p>{reason(i18n, error)}</p>}
        </>
      ) : null}
    </div>
  );
}

/** Goes with the panel: nothing was imported yet. */
function useForeignImport({ state, i18n }: App): ForeignImport {
  const foreign = useMemo(
    () =>
      createForeignImport({
        startWorker: startImportWorker,
        textBytes: () => state.settings.info.peek()?.limits.textBytes ?? 0,
        words: () => ({
          ...{ picture: i18n.t('foreign.left.picture'), file: i18n.t('foreign.left.file') },
          ...{ tool: i18n.t('foreign.left.tool'), other: i18n.t('foreign.left.rest') },
        }),
        now: () => Date.now(),
      }),
    [],
  );
  useEffect(() => () => foreign.clear(), []);
  return foreign;
}

/** The fault of the file: the same bytes would be refused again. */
function isFault({ code, details }: NonNullable<ImportView['error']>): boolean {
  const { line, reason: cause } = details.params ?? {};
  return code === 'TOO_LARGE' || (code === 'BAD_REQUEST' && line !== undefined && cause !== 'order');
}

function reason(i18n: I18n, error: NonNullable<ImportView['error']>): string {
  if (error.message === LineTooLong.name) return i18n.t('data.lineTooLong');
  const line = error.details.params?.['line'];
  const notOurs = error.code === 'BAD_REQUEST' && typeof line === 'number' && error.details.params?.['reason'] === undefined;
  return notOurs ? i18n.t('data.notOurs', { line }) : explain(i18n, error);
}

function Summary({ view }: { readonly view: ImportView }) {
  const { i18n } = useApp();
  return (
    <FactList
      class="period-facts data-summary"
      facts={(['conversations', 'messages', 'files', 'settings', 'skipped'] as const).map(
        (key) => [i18n.t(`data.${key}`), i18n.number(view.summary[key])] as const,
      )}
    />
  );
}
