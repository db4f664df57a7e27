import type { Clock } from '../../lib/clock.ts';

const PROBE_MS = 2000;

export interface DiskWatchDeps {
  readonly clock: Clock;
  /** Writes something. Rejects where that cannot be done. */
  readonly probe: () => Promise<unknown>;
}

/** Whether the disk takes writes (PROMISES G9): while it does not, people still read, but this server is not ready. */
export interface DiskWatch {
  /** A request failed: the disk is tried, and again until it takes a write. What one request alone met is no fault of the disk. */
  suspect(): void;
  fault(): string | null;
  stop(): void;
}

export function createDiskWatch({ clock, probe }: DiskWatchDeps): DiskWatch {
  let reason: string | null = null;
  let trying = false;
  let stopped = false;
  let cancel = (): void => {};

  async function tryOnce(): Promise<void> {
    try {
      await probe();
      reason = null;
      trying = false;
    } catch (error) {
      if (stopped) return;
      reason = error instanceof Error ? error.message : String(error);
      cancel = clock.after(PROBE_MS, () => void tryOnce());
    }
  }

  return {
    suspect() {
      if (trying || stopped) return;
      trying = true;
      void tryOnce();
    },
    fault: () => reason,
    stop() {
      stopped = true;
      cancel();
    },
  };
}
