import { type Clock, systemClock } from '../../src/lib/clock.ts';

/** What runs less often than this is housekeeping. */
const RARE_MS = 60_000;

/** Real time, but what runs every few minutes runs when the test says so. */
export function createRareTimerClock(): Clock & { advance(ms: number): void; runRare(): void } {
  const rare = new Set<() => void>();
  return {
    ...systemClock,
    every(ms, run) {
      if (ms < RARE_MS) return systemClock.every(ms, run);
      rare.add(run);
      return () => rare.delete(run);
    },
    advance() {},
    runRare() {
      for (const run of rare) run();
    },
  };
}
