import type { Clock } from '../../../public/app/state/ports.ts';

export interface FakeClock extends Clock {
  /** Moves time on and runs what is due, in order. */
  advance(ms: number): void;
}

export function createFakeClock(start = 1_000_000): FakeClock {
  let now = start;
  let next = 0;
  const due = new Map<number, { at: number; run: () => void }>();
  return {
    now: () => now,
    after(ms, run) {
      const id = ++next;
      due.set(id, { at: now + ms, run });
      return () => due.delete(id);
    },
    advance(ms) {
      const end = now + ms;
      for (;;) {
        const first = [...due].filter(([, timer]) => timer.at <= end).sort((a, b) => a[1].at - b[1].at || a[0] - b[0])[0];
        if (first === undefined) break;
        due.delete(first[0]);
        now = first[1].at;
        first[1].run();
      }
      now = end;
    },
  };
}
