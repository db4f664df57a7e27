import type { Clock } from './clock.ts';

const PERIOD_MS = 1000;

/** Tells how late the event loop is at this moment: the time since a timer should have run and could not. */
export interface LoopWatch {
  /** In ms; 0 while the loop keeps up. */
  now(): number;
  stop(): void;
}

export function watchLoopLag(clock: Clock): LoopWatch {
  let last = clock.now();
  const stop = clock.every(PERIOD_MS, () => {
    last = clock.now();
  });
  return { now: () => Math.max(0, clock.now() - last - PERIOD_MS), stop };
}
