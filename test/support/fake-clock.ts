import type { Clock } from '../../src/lib/clock.ts';

/** A clock that moves only when told to. */
export function createFakeClock(start = Date.UTC(2026, 0, 1)): Clock & { advance(ms: number): void; setBack(ms: number): void } {
  let now = start;
  let timers: { at: number; every: number | null; run: () => void }[] = [];

  function add(ms: number, every: number | null, run: () => void): () => void {
    const timer = { at: now + ms, every, run };
    timers.push(timer);
    return () => {
      timers = timers.filter((each) => each !== timer);
    };
  }

  return {
    now: () => now,
    after: (ms, run) => add(ms, null, run),
    every: (ms, run) => add(ms, ms, run),
    advance(ms) {
      const end = now + ms;
      for (;;) {
        const due = timers.filter((timer) => timer.at <= end).sort((a, b) => a.at - b.at)[0];
        if (due === undefined) break;
        now = due.at;
        if (due.every === null) timers = timers.filter((each) => each !== due);
        else due.at += due.every;
        due.run();
      }
      now = end;
    },
    /** As when somebody corrects the time: timers run as they would have. */
    setBack(ms) {
      now -= ms;
      for (const timer of timers) timer.at -= ms;
    },
  };
}
