/** Time as a dependency, so that tests need no sleep. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Runs once after `ms`; the timer does not keep the process alive. @returns a function that cancels it. */
  after(ms: number, run: () => void): () => void;
  /** Runs every `ms` until cancelled; the timer does not keep the process alive. */
  every(ms: number, run: () => void): () => void;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  after(ms, run) {
    const timer = setTimeout(run, ms);
    timer.unref();
    return () => clearTimeout(timer);
  },
  every(ms, run) {
    const timer = setInterval(run, ms);
    timer.unref();
    return () => clearInterval(timer);
  },
};

/** @returns ISO 8601 in UTC */
export function isoTime(ms: number): string {
  return new Date(ms).toISOString();
}
