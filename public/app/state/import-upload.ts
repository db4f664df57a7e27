import { type ReadonlySignal, signal } from '@preact/signals';
import { importLimits } from '../../../src/protocol/import-limits.ts';
import { cutLines, LineTooLong } from './cut-lines.ts';
import type { Clock } from './ports.ts';
import { RequestError, toRequestError } from './request-error.ts';
import { readError, requestedWith } from './rest.ts';

/** What pieces of an import brought, added up. */
export interface ImportSummary {
  readonly conversations: number;
  readonly messages: number;
  readonly files: number;
  readonly settings: number;
  readonly skipped: number;
}

export interface ImportView {
  /** `stopped`: it broke off and can go on where it did. */
  readonly phase: 'idle' | 'running' | 'stopped' | 'done';
  readonly name: string;
  /** Of the file, in bytes. */
  readonly total: number;
  /** What the server has taken, in bytes. */
  readonly sent: number;
  readonly summary: ImportSummary;
  readonly error: RequestError | null;
}

export interface ImportUpload {
  readonly view: ReadonlySignal<ImportView>;
  /** Begins with a file. */
  start(file: File): Promise<void>;
  /** Goes on after the last piece that the server has taken. */
  resume(): Promise<void>;
  stop(): void;
}

export interface ImportUploadDeps {
  readonly fetch: (path: string, init: RequestInit) => Promise<Response>;
  readonly clock: Clock;
}

interface ImportAnswer {
  readonly imported: Omit<ImportSummary, 'skipped'>;
  readonly skipped: number;
}

/** Small pieces show progress and get through slow lines in time; what may not be larger is a line with its end. */
const limits = { target: 1024 * 1024, most: importLimits.lineBytes + 1 };
/** A server that is busy names a second or two; how often one piece is sent again before the person is asked. */
const mostWaits = 20;
const longestWaitSeconds = 15;
const nothing: ImportSummary = { conversations: 0, messages: 0, files: 0, settings: 0, skipped: 0 };

/** Sends a file of an exported account piece by piece, whole lines each. A piece that is sent again changes nothing. */
export function createImportUpload({ fetch, clock }: ImportUploadDeps): ImportUpload {
  const view = signal<ImportView>({ phase: 'idle', name: '', total: 0, sent: 0, summary: nothing, error: null });
  let file: File | null = null;
  let controller = new AbortController();

  const change = (part: Partial<ImportView>) => {
    view.value = { ...view.peek(), ...part };
  };

  async function post(bytes: Blob, signal: AbortSignal): Promise<ImportAnswer> {
    const headers = new Headers({ accept: 'application/json', 'content-type': 'application/x-ndjson' });
    headers.set(...requestedWith);
    const response = await fetch('/api/account/import', { method: 'POST', credentials: 'same-origin', headers, body: bytes, signal });
    if (!response.ok) throw readError(await response.text(), response.status);
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the contract's shape
    return (await response.json()) as ImportAnswer;
  }

  /** Sends one piece; waits and sends it again as long as the server names a time that one would sit through. */
  async function send(bytes: Blob, signal: AbortSignal): Promise<ImportAnswer> {
    for (let waits = 0; ; waits += 1) {
      try {
        return await post(bytes, signal);
      } catch (cause) {
        const seconds = cause instanceof RequestError && cause.code === 'RATE_LIMITED' ? cause.details.retryAfter : undefined;
        if (seconds === undefined || seconds > longestWaitSeconds || waits >= mostWaits) throw cause;
        await pause(seconds * 1000, signal);
      }
    }
  }

  function pause(ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const cancel = clock.after(ms, () => {
        signal.removeEventListener('abort', aborted);
        resolve();
      });
      const aborted = () => {
        cancel();
        reject(new RequestError('CANCELLED'));
      };
      signal.addEventListener('abort', aborted, { once: true });
    });
  }

  async function run(): Promise<void> {
    if (file === null || view.peek().phase === 'running') return;
    const whole = file;
    const from = view.peek().sent;
    controller = new AbortController();
    const { signal } = controller;
    change({ phase: 'running', error: null });
    try {
      for await (const { bytes, end } of cutLines(whole.slice(from), limits)) {
        const answer = await send(bytes, signal);
        change({ sent: from + end, summary: added(view.peek().summary, answer) });
      }
      change({ phase: 'done' });
    } catch (cause) {
      const error = signal.aborted
        ? null
        : cause instanceof LineTooLong
          ? new RequestError('TOO_LARGE', LineTooLong.name)
          : toRequestError(cause);
      // The server has lost the beginning of a picture: what it has already is passed over, so all is sent anew.
      const lost = error?.code === 'BAD_REQUEST' && error.details.params?.['reason'] === 'order';
      change({ phase: 'stopped', error, ...(lost ? { sent: 0 } : {}) });
    }
  }

  return {
    view,
    start(next) {
      controller.abort();
      file = next;
      view.value = { phase: 'idle', name: next.name, total: next.size, sent: 0, summary: nothing, error: null };
      return run();
    },
    resume: run,
    stop: () => controller.abort(),
  };
}

function added(sum: ImportSummary, { imported, skipped }: ImportAnswer): ImportSummary {
  return {
    conversations: sum.conversations + imported.conversations,
    messages: sum.messages + imported.messages,
    files: sum.files + imported.files,
    settings: sum.settings + imported.settings,
    skipped: sum.skipped + skipped,
  };
}
