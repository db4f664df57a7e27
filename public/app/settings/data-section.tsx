import { useEffect } from 'preact/hooks';
import { explain } from '../actions/explain.ts';
import { type App, useApp } from '../app-context.ts';
import { downloadBlob } from '../browser/download-text.ts';
import { type AccountTransfers, createAccountTransfers } from '../state/account-transfers.ts';
import { ExportPanel } from './export-panel.tsx';
import { ImportPanel } from './import-panel.tsx';

/** Taking the own data along, and bringing it in. Both go on when this is closed. */
export function DataSection() {
  const transfers = transfersOf(useApp());
  useEffect(() => transfers.look(), []);
  return (
    <div class="account-section">
      <ExportPanel transfers={transfers} />
      <ImportPanel transfers={transfers} />
    </div>
  );
}

function transfersOf(app: App): AccountTransfers {
  const { state } = app;
  const transfers =
    app.transfers.peek() ??
    createAccountTransfers({
      fetch: (path, init) => fetch(path, init),
      clock: state.clock,
      session: state.session,
      save: (file) => downloadBlob(`jarvis-argus-${new Date().toISOString().slice(0, 10)}.ndjson`, file),
      imported: () => void state.conversations.load(),
      ended: (what) => tell(app, what),
    });
  app.transfers.value = transfers;
  return transfers;
}

function tell({ i18n, toasts, transfers: { value: transfers } }: App, what: 'export' | 'import'): void {
  if (transfers === null) return;
  const { bytes, ...download } = transfers.exporting.peek().view.peek();
  const { name, total, sent, ...upload } = transfers.importing.peek().view.peek();
  const { phase, error } = what === 'export' ? download : upload;
  const done = phase === 'done';
  // What was stopped by hand, or with the session, is no news.
  if (!done && error === null) return;
  const share = i18n.number(total === 0 ? 0 : sent / total, { style: 'percent' });
  const words = i18n.t(`data.${what}${done ? 'Done' : 'Stopped'}`, { size: i18n.bytes(bytes), name, share });
  toasts.add({ text: error === null ? words : `${words} ${explain(i18n, error)}`, tone: done ? 'success' : 'warning' });
}
