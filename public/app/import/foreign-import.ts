import { type ReadonlySignal, signal } from '@preact/signals';
import type { ConvertedExport, NoteWords, RefusedReason } from './convert-export.ts';
import type { FromWorker, ToWorker } from './worker-messages.ts';

export type ForeignView =
  | { readonly phase: 'idle' }
  | { readonly phase: 'reading'; readonly name: string; readonly total: number; readonly read: number }
  | { readonly phase: 'ready'; readonly name: string; readonly found: ConvertedExport }
  | { readonly phase: 'refused'; readonly name: string; readonly reason: RefusedReason };

/** A worker, as this needs it. */
export interface WorkerLink {
  send(message: ToWorker): void;
  end(): void;
}

export interface ForeignImportDeps {
  /** @param take what it says; `null`: it could not be started, or died */
  readonly startWorker: (take: (message: FromWorker | null) => void) => WorkerLink;
  readonly textBytes: () => number;
  readonly words: () => NoteWords;
  readonly now: () => number;
}

export interface ForeignImport {
  readonly view: ReadonlySignal<ForeignView>;
  /** Reads another program's export and says what is in it; nothing is imported by that. */
  read(file: File): void;
  /** Forgets what was read, and ends a reading under way. */
  clear(): void;
}

export function createForeignImport({ startWorker, textBytes, words, now }: ForeignImportDeps): ForeignImport {
  const view = signal<ForeignView>({ phase: 'idle' });
  let worker: WorkerLink | null = null;

  function end(): void {
    worker?.end();
    worker = null;
  }

  function read(file: File): void {
    end();
    const { name, size: total } = file;
    view.value = { phase: 'reading', name, total, read: 0 };
    const own = startWorker((message) => {
      if (worker !== own) return;
      if (message?.type === 'progress') {
        view.value = { phase: 'reading', name, total, read: message.read };
        return;
      }
      end();
      if (message?.type === 'done') view.value = { phase: 'ready', name, found: message.converted };
      else view.value = { phase: 'refused', name, reason: message?.reason ?? 'large' };
    });
    worker = own;
    own.send({ file, textBytes: textBytes(), now: now(), words: words() });
  }

  return {
    view,
    read,
    clear() {
      end();
      view.value = { phase: 'idle' };
    },
  };
}

/** A file that this program wrote: its lines begin with their type. */
export async function isOwnExport(file: Blob): Promise<boolean> {
  return /^\s*\{"type":"/.test(await file.slice(0, 64).text());
}
