import { monitorEventLoopDelay } from 'node:perf_hooks';

/** Seconds by which the event loop came late, over one stretch of time. */
export interface LoopLag {
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

export interface EventLoopLag {
  start(): void;
  /** Ends the running stretch and begins the next. */
  sample(): void;
  /** The stretch that ended last; before the first one has ended, the running one. */
  read(): LoopLag;
  stop(): void;
}

/** A timer of Node looks this often, in ms: the measured delay includes it. */
const RESOLUTION_MS = 20;

/** Measures how long work keeps the event loop from its timers, from `start` to `stop`; keeps no process alive. */
export function createEventLoopLag(): EventLoopLag {
  const histogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  let last: LoopLag | null = null;

  function current(): LoopLag {
    return { p50: secondsOf(histogram.percentile(50)), p99: secondsOf(histogram.percentile(99)), max: secondsOf(histogram.max) };
  }

  return {
    start() {
      histogram.enable();
    },
    sample() {
      last = current();
      histogram.reset();
    },
    read: () => last ?? current(),
    stop() {
      histogram.disable();
    },
  };
}

/** From nanoseconds between two looks to seconds of lateness. */
function secondsOf(nanoseconds: number): number {
  return Math.max(0, nanoseconds / 1e9 - RESOLUTION_MS / 1000);
}
