import type { JsonValue } from '../../lib/document-store.ts';
import type { PreparedImage } from './image-codec.ts';
import type { JobEstimate, JobTask } from './job-kinds.ts';

/** One attempt at a job, for the process that does it. */
export interface JobOrder extends JobTask {
  readonly jobId: string;
  readonly kind: string;
  readonly plugin: string;
  /** Files with the pictures, in order; already judged when they were uploaded. */
  readonly inputs: readonly string[];
  /** Exists, is empty and private; results are written into it. The caller removes it. */
  readonly targetDirectory: string;
  /** What was granted. */
  readonly granted: Pick<JobEstimate, 'memoryMb' | 'gpuMemoryMb' | 'cpuThreads'>;
  /** Side of a tile in pixels that did well on this machine; absent: the processor's own choice. */
  readonly tile?: number;
  /** Of a result: width times height. */
  readonly maxPixels: number;
  /** The attempt is ended after this long, and after this long without progress. In ms. */
  readonly timeoutMs: number;
  readonly stallMs: number;
}

export interface JobEvents {
  /** Abort: cancel. The process is told, and killed 2 s later; the promise then rejects with the signal's reason. */
  readonly signal: AbortSignal;
  /** The process has begun on it (not: loads). */
  onStart(): void;
  /** Never falls; at most four calls a second. */
  onProgress(percent: number | null, note: { readonly en: string; readonly fa?: string; readonly ar?: string } | undefined): void;
  /** A WebP of at most 512 pixels a side. At most one a second. */
  onPreview(picture: Uint8Array): void;
}

export interface JobOutcome {
  /** Each in the three variants of an upload; the files lie in `targetDirectory`. */
  readonly pictures: readonly PreparedImage[];
  readonly text?: string;
  readonly data?: JsonValue;
  readonly facts: Readonly<Record<string, string | number | boolean>>;
  readonly provider?: string;
  /** Of work, loading included. */
  readonly seconds: number;
  readonly peakMemoryMb: number;
}

export interface JobExecutor {
  /**
   * Resolves when the results lie in `targetDirectory`.
   * @throws AppError for what the person can mend and PLUGIN_FAILED (never tried again), WorkerLostError, the signal's reason
   */
  run(order: JobOrder, events: JobEvents): Promise<JobOutcome>;
}
