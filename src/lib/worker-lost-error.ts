/** How an attempt ended that is nobody's fault but the process's: only these are tried again. */
export type WorkerEnd = 'crashed' | 'memory' | 'stalled' | 'timeout';

/** The process that worked on a job ended, or was ended, before it was done. */
export class WorkerLostError extends Error {
  override readonly name = 'WorkerLostError';
  readonly end: WorkerEnd;

  constructor(end: WorkerEnd) {
    super(`the worker process is gone: ${end}`);
    this.end = end;
  }
}
