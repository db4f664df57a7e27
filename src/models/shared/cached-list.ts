import type { Clock } from '../../lib/clock.ts';

const CACHE_MS = 3_600_000;
/** After a failure the service is asked again sooner. */
const FAILED_CACHE_MS = 60_000;
/** How long people wait for a service's first list, from its request on, before the fallback is shown. */
const FIRST_WAIT_MS = 1500;

export interface CachedListDeps<T> {
  readonly clock: Clock;
  /** Asks the service. May throw. */
  readonly fetch: () => Promise<readonly T[]>;
  /** What is known without the service. */
  readonly fallback: readonly T[];
  readonly onFailure: (error: unknown) => void;
}

export interface CachedList<T> {
  /** Never throws. Nobody waits for the service longer than a moment: what is known is good enough, and renewed behind the scenes. */
  entries(signal?: AbortSignal): Promise<readonly T[]>;
}

/** A list that a service keeps, asked for once an hour. */
export function createCachedList<T>({ clock, fetch, fallback, onFailure }: CachedListDeps<T>): CachedList<T> {
  let cached: { readonly until: number; readonly entries: readonly T[] } | undefined;
  let running: Promise<readonly T[]> | undefined;
  /** Once for all: a service that hangs must not make each person wait anew. */
  let waitUntil: number | undefined;

  async function refresh(): Promise<readonly T[]> {
    try {
      cached = { entries: await fetch(), until: clock.now() + CACHE_MS };
    } catch (error) {
      onFailure(error);
      cached = { until: clock.now() + FAILED_CACHE_MS, entries: cached?.entries ?? fallback };
    }
    return cached.entries;
  }

  /** Callers at the same time share one request, which none of them can cancel for the others. */
  function refreshed(): Promise<readonly T[]> {
    running ??= refresh().finally(() => {
      running = undefined;
    });
    return running;
  }

  return {
    async entries(signal) {
      if (signal?.aborted === true) return cached?.entries ?? fallback;
      if (cached !== undefined) {
        if (clock.now() >= cached.until) void refreshed();
        return cached.entries;
      }
      waitUntil ??= clock.now() + FIRST_WAIT_MS;
      const leftMs = waitUntil - clock.now();
      if (leftMs <= 0) {
        void refreshed();
        return fallback;
      }
      return new Promise((resolve) => {
        const cancel = clock.after(leftMs, () => resolve(fallback));
        void refreshed().then((fetched) => {
          cancel();
          resolve(fetched);
        });
      });
    },
  };
}
