import type { Clock } from '../../lib/clock.ts';

/** Writers spread over several rounds, and still a commit serves many of them. */
const ROUND_MS = 20;

/**
 * When what waits is written: one timer for all answers, however many run. Those whose time comes in the same round write
 * together, and the store makes one commit of them.
 */
export interface WriteRounds {
  /** Calls `write` after `ms`, or up to one round before. @returns cancels it */
  in(ms: number, write: () => void): () => void;
}

interface Waiting {
  leftMs: number;
  readonly write: () => void;
}

export function createWriteRounds(clock: Clock): WriteRounds {
  const waiting = new Set<Waiting>();
  let scheduled = false;

  function schedule(): void {
    if (scheduled || waiting.size === 0) return;
    scheduled = true;
    const startedAt = clock.now();
    clock.after(ROUND_MS, () => {
      scheduled = false;
      // A busy loop is late, and what waits must not wait for it once more each round; a clock may also be set back.
      const passed = Math.max(ROUND_MS, clock.now() - startedAt);
      for (const entry of waiting) {
        entry.leftMs -= passed;
        if (entry.leftMs > 0) continue;
        waiting.delete(entry);
        entry.write();
      }
      schedule();
    });
  }

  return {
    in(ms, write) {
      const entry = { leftMs: ms, write };
      waiting.add(entry);
      schedule();
      return () => waiting.delete(entry);
    },
  };
}
