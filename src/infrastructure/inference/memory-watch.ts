import type { Clock } from '../../lib/clock.ts';
import { residentBytesOf } from '../process-memory.ts';

/** A blocked child cannot look at itself, so this side looks too. */
const LOOK_MS = 100;

export interface MemoryWatch {
  /** Most that was seen, in bytes; 0 where the system cannot tell. */
  readonly peak: number;
  /** Seen last. */
  readonly last: number;
  stop(): void;
}

/** Looks at another process's resident memory ten times a second until it is stopped; `onOver` is called at most once. */
export function watchMemory(clock: Clock, pid: number | undefined, limit: number, onOver: () => void): MemoryWatch {
  let peak = 0;
  let last = 0;
  let looking = false;
  let stopped = pid === undefined;

  async function look(): Promise<void> {
    if (looking || stopped || pid === undefined) return;
    looking = true;
    last = await residentBytesOf(pid);
    looking = false;
    peak = Math.max(peak, last);
    if (last <= limit || stopped) return;
    stop();
    onOver();
  }

  function stop(): void {
    stopped = true;
    stopTimer();
  }

  const stopTimer = clock.every(LOOK_MS, () => void look());
  return {
    get peak() {
      return peak;
    },
    get last() {
      return last;
    },
    stop,
  };
}
