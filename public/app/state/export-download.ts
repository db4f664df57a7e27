import { type ReadonlySignal, signal } from '@preact/signals';
import { RequestError, toRequestError } from './request-error.ts';
import { readError } from './rest.ts';

export interface ExportView {
  /** `stopped`: it broke off and can go on where it did. */
  readonly phase: 'idle' | 'running' | 'stopped' | 'done';
  /** Of whole lines received. */
  readonly bytes: number;
  readonly error: RequestError | null;
}

export interface ExportDownload {
  readonly view: ReadonlySignal<ExportView>;
  /** Begins, or goes on after the last whole line. */
  run(): Promise<void>;
  /** Leaves off; `run` goes on from there. */
  pause(): void;
  /** Everything received, once it is complete. */
  file(): Blob;
}

const newline = 10;
/** A cursor and the whole last line of an export fit in here. */
const tailBytes = 8192;
/** Parts of this size become blobs, which a browser may keep outside of its memory. */
const blobBytes = 1024 * 1024;

/**
 * Fetches the own account as lines, each of which ends in a cursor `c`. What was cut is asked for again after the cursor of the
 * last whole line, so that a broken connection costs at most one line.
 */
export function createExportDownload(deps: { fetch: (path: string, init: RequestInit) => Promise<Response> }): ExportDownload {
  const view = signal<ExportView>({ phase: 'idle', bytes: 0, error: null });
  let parts: Blob[] = [];
  let cursor: string | null = null;
  let ended = false;
  let controller = new AbortController();

  function keep(lines: readonly Uint8Array<ArrayBuffer>[], tail: Uint8Array): void {
    const text = new TextDecoder().decode(tail);
    const last = text.slice(text.lastIndexOf('\n', text.length - 2) + 1);
    cursor = /"c":"([^"\\]*)"\}\s*$/.exec(last)?.[1] ?? cursor;
    ended = last.startsWith('{"type":"end"');
    const blob = new Blob([...lines]);
    const previous = parts.at(-1);
    if (previous !== undefined && previous.size < blobBytes) parts = [...parts.slice(0, -1), new Blob([previous, blob])];
    else parts = [...parts, blob];
    view.value = { phase: 'running', bytes: view.peek().bytes + blob.size, error: null };
  }

  async function receive(signal: AbortSignal): Promise<void> {
    const path = cursor === null ? '/api/account/export' : `/api/account/export?after=${encodeURIComponent(cursor)}`;
    const response = await deps.fetch(path, { credentials: 'same-origin', signal, headers: { accept: 'application/x-ndjson' } });
    if (!response.ok || response.body === null) throw readError(await response.text(), response.status);
    let open: Uint8Array<ArrayBuffer>[] = [];
    const reader = response.body.getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      const chunk = new Uint8Array(value);
      const cut = chunk.lastIndexOf(newline) + 1;
      if (cut === 0) {
        open.push(chunk);
        continue;
      }
      const lines = [...open, chunk.subarray(0, cut)];
      keep(lines, tailOf(lines));
      open = cut < chunk.length ? [chunk.subarray(cut)] : [];
    }
    if (!ended) throw new RequestError('CONNECTION_LOST');
  }

  return {
    view,
    async run() {
      if (view.peek().phase === 'running') return;
      if (view.peek().phase === 'done') {
        parts = [];
        cursor = null;
        ended = false;
      }
      view.value = { phase: 'running', bytes: cursor === null ? 0 : view.peek().bytes, error: null };
      if (cursor === null) parts = [];
      controller = new AbortController();
      try {
        await receive(controller.signal);
        view.value = { ...view.peek(), phase: 'done' };
      } catch (cause) {
        const error = controller.signal.aborted ? null : toRequestError(cause);
        view.value = { ...view.peek(), phase: 'stopped', error };
      }
    },
    pause: () => controller.abort(),
    file: () => new Blob(parts, { type: 'application/x-ndjson' }),
  };
}

/** The last bytes of some chunks in a row. */
function tailOf(chunks: readonly Uint8Array[]): Uint8Array {
  const found: Uint8Array[] = [];
  let size = 0;
  for (let index = chunks.length - 1; index >= 0 && size < tailBytes; index -= 1) {
    const chunk = chunks[index] ?? new Uint8Array();
    found.unshift(chunk.subarray(Math.max(0, chunk.length - (tailBytes - size))));
    size += found[0]?.length ?? 0;
  }
  const tail = new Uint8Array(size);
  let at = 0;
  for (const chunk of found) {
    tail.set(chunk, at);
    at += chunk.length;
  }
  return tail;
}
