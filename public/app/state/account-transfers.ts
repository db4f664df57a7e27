import { computed, effect, type ReadonlySignal, signal, untracked } from '@preact/signals';
import { createExportDownload, type ExportDownload } from './export-download.ts';
import { createImportUpload, type ImportUpload } from './import-upload.ts';
import type { Clock } from './ports.ts';
import type { Session } from './session.ts';

/** Somebody's export and import: they go on while the settings are closed, and end with the sign-in. */
export interface AccountTransfers {
  readonly exporting: ReadonlySignal<ExportDownload>;
  readonly importing: ReadonlySignal<ImportUpload>;
  readonly running: ReadonlySignal<boolean>;
  /** Begins the export or goes on with it; a whole one is given to the person. */
  runExport(): Promise<void>;
  saveExport(): void;
  runImport(file: File): Promise<void>;
  resumeImport(): Promise<void>;
  /** While somebody sees how it goes nothing else has to say so. @returns to be called when nobody does any more */
  look(): () => void;
  /** Stops both for good. */
  end(): void;
}

export interface AccountTransfersDeps {
  readonly fetch: (path: string, init: RequestInit) => Promise<Response>;
  readonly clock: Clock;
  readonly session: Pick<Session, 'value'>;
  readonly save: (file: Blob) => void;
  /** An import has brought something: the server sends no frames for that. */
  readonly imported: () => void;
  /** What ended while nobody looked. */
  readonly ended: (what: 'export' | 'import') => void;
}

export function createAccountTransfers(deps: AccountTransfersDeps): AccountTransfers {
  const exporting = signal(createExportDownload(deps));
  const importing = signal(createImportUpload(deps));
  let eyes = 0;

  const stop = () => {
    exporting.peek().pause();
    importing.peek().stop();
  };
  const forget = () => {
    stop();
    exporting.value = createExportDownload(deps);
    importing.value = createImportUpload(deps);
  };

  async function runExport(): Promise<void> {
    const download = exporting.peek();
    await download.run();
    if (download !== exporting.peek()) return;
    if (download.view.peek().phase === 'done') deps.save(download.file());
    if (eyes === 0) deps.ended('export');
  }

  async function watchImport(upload: ImportUpload, run: () => Promise<void>): Promise<void> {
    const before = upload.view.peek().sent;
    await run();
    if (upload !== importing.peek()) return;
    const { phase, sent } = upload.view.peek();
    if (phase === 'done' || sent !== before) deps.imported();
    if (eyes === 0) deps.ended('import');
  }

  return {
    exporting,
    importing,
    running: computed(() => exporting.value.view.value.phase === 'running' || importing.value.view.value.phase === 'running'),
    runExport,
    saveExport: () => deps.save(exporting.peek().file()),
    runImport: (file) => watchImport(importing.peek(), () => importing.peek().start(file)),
    resumeImport: () => watchImport(importing.peek(), () => importing.peek().resume()),
    look() {
      eyes += 1;
      return () => {
        eyes -= 1;
      };
    },
    end: followOwner(deps.session, { stop, forget }),
  };
}

/** An expired session stops; signing out, and another person who signs in, leave nothing. @returns to end it all */
function followOwner(session: Pick<Session, 'value'>, { stop, forget }: { stop: () => void; forget: () => void }): () => void {
  let owner: string | null = null;
  const unfollow = effect(() => {
    const now = session.value.value;
    untracked(() => {
      if (now.state === 'anonymous') (now.ended ? stop : forget)();
      if (now.state !== 'signed-in') return;
      if (owner !== null && owner !== now.user.id) forget();
      owner = now.user.id;
    });
  });
  return () => {
    unfollow();
    stop();
  };
}
