/** How long things may take around a job, in milliseconds. Tests shorten them. */
export interface JobTimings {
  /** A process owns a running job this long without renewing (PROMISES J8). */
  readonly leaseMs: number;
  readonly renewMs: number;
  /** Beyond the lease, before another process takes the job over: 45 s in all (J12). */
  readonly leaseGraceMs: number;
  /** How often rows are looked at that nobody works on, and how old a queued one has to be (J1). */
  readonly sweepMs: number;
  /** How often jobs of this process are looked at that another one may have cancelled (J10). */
  readonly watchMs: number;
  /** Between two tellings of one job: four a second (J9). */
  readonly tellMs: number;
  /** Between two tellings of places in the queue. */
  readonly placesMs: number;
  /** Progress is stored this often. */
  readonly saveMs: number;
  /** Upper bound of the wait before the second, third, further start; the wait is drawn evenly below it (J5). */
  readonly backoffMs: readonly number[];
  /** Beyond the time of an attempt, before it is given up though its process did not say so. */
  readonly overtimeMs: number;
  /** How long an outcome that cannot be stored is tried again, and how often. */
  readonly keepTryingMs: number;
  readonly retryStoreMs: number;
}

export const jobTimings: JobTimings = {
  leaseMs: 30_000,
  renewMs: 10_000,
  leaseGraceMs: 15_000,
  sweepMs: 30_000,
  watchMs: 1000,
  tellMs: 250,
  placesMs: 2000,
  saveMs: 3000,
  backoffMs: [2000, 10_000, 60_000],
  overtimeMs: 10_000,
  keepTryingMs: 10 * 60_000,
  retryStoreMs: 1000,
};

/** Starts in all, and starts that ended with the end of their process (J5). */
export const MAX_STARTS = 3;
export const MAX_CRASHES = 2;
