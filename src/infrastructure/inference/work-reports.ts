import type { Clock } from '../../lib/clock.ts';
import type { Words } from './host-protocol.ts';
import type { RawPicture } from './session-types.ts';

/** Progress that is told at most four times a second. */
const PROGRESS_MS = 250;
/** Previews at most once a second. */
const PREVIEW_MS = 1000;
const NOTE_LENGTH = 200;

export interface WorkReports {
  progress(percent: number | null, note?: Words): void;
  preview(picture: RawPicture): void;
  /** Nothing is told after this. */
  close(): void;
}

export interface WorkReportsOptions {
  readonly clock: Clock;
  readonly onProgress: (percent: number | null, note: Words | undefined) => void;
  readonly onPreview: (data: Uint8Array) => void;
  readonly encode: (picture: RawPicture) => Promise<Uint8Array>;
}

/** What a processor tells as often as it likes, as often as others want to hear it. The newest progress is never lost, a preview may be. */
export function createWorkReports(options: WorkReportsOptions): WorkReports {
  const { clock, onProgress, onPreview, encode } = options;
  let highest: number | null = null;
  let toldAt = Number.NEGATIVE_INFINITY;
  let stopTimer: (() => void) | null = null;
  let newest: readonly [number | null, Words | undefined] | null = null;
  let shownAt = Number.NEGATIVE_INFINITY;
  let encoding = false;
  let closed = false;

  function tell(): void {
    stopTimer?.();
    stopTimer = null;
    if (newest === null || closed) return;
    onProgress(...newest);
    newest = null;
    toldAt = clock.now();
  }

  return {
    progress(percent, note) {
      if (closed) return;
      if (percent !== null && Number.isFinite(percent)) highest = Math.min(100, Math.max(highest ?? 0, percent));
      newest = [highest, safeNote(note)];
      const wait = toldAt + PROGRESS_MS - clock.now();
      if (wait <= 0) tell();
      else stopTimer ??= clock.after(wait, tell);
    },
    preview(picture) {
      if (closed || encoding || clock.now() - shownAt < PREVIEW_MS) return;
      encoding = true;
      shownAt = clock.now();
      encode(picture).then(
        (data) => {
          encoding = false;
          if (!closed) onPreview(data);
        },
        () => {
          // A preview that cannot be shown is none; the result will say what is wrong with the pictures.
          encoding = false;
        },
      );
    },
    close() {
      closed = true;
      stopTimer?.();
    },
  };
}

function safeNote(note: Words | undefined): Words | undefined {
  if (typeof note?.en !== 'string') return undefined;
  const { en, fa, ar } = note;
  const cut = (text: string) => text.slice(0, NOTE_LENGTH);
  return { en: cut(en), ...(typeof fa === 'string' ? { fa: cut(fa) } : {}), ...(typeof ar === 'string' ? { ar: cut(ar) } : {}) };
}
