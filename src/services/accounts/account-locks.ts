import type { Clock } from '../../lib/clock.ts';
import { LruMap } from '../../lib/lru-map.ts';
import { rateLimited } from './rate-buckets.ts';

/** Failures that cost nothing, the first wait after them, and the longest: PROMISES R9. */
const freeFailures = 5;
const firstWaitMs = 1000;
const longestWaitMs = 15 * 60_000;
/** A failure is forgotten after this long without another. */
const forgetMs = 60 * 60_000;
const mostAccounts = 20_000;

interface LockState {
  failures: number;
  pending: number;
  lockedUntil: number;
  touchedAt: number;
}

/** A try under way at one account. Exactly one of the methods is called when it is over. */
export interface LockedTry {
  succeed(): void;
  fail(): void;
  release(): void;
}

/** Waits that double with each failure, per account, whether it exists or not. */
export function createAccountLocks(clock: Clock) {
  const states = new LruMap<string, LockState>(mostAccounts);

  function stateFor(key: string): LockState {
    const now = clock.now();
    const found = states.get(key);
    if (found !== undefined && (found.pending > 0 || now - found.touchedAt < forgetMs)) return found;
    const fresh: LockState = { failures: 0, pending: 0, lockedUntil: 0, touchedAt: now };
    states.set(key, fresh);
    return fresh;
  }

  function fail(state: LockState): void {
    state.failures += 1;
    state.touchedAt = clock.now();
    if (state.failures < freeFailures) return;
    const wait = Math.min(longestWaitMs, firstWaitMs * 2 ** Math.min(30, state.failures - freeFailures));
    state.lockedUntil = clock.now() + wait;
  }

  return {
    /** @throws AppError RATE_LIMITED with the seconds to wait */
    enter(key: string): LockedTry {
      const state = stateFor(key);
      const now = clock.now();
      if (now < state.lockedUntil) throw rateLimited(state.lockedUntil - now);
      // Running tries count as failed until they are judged; after the free ones only one at a time may run.
      if (state.pending >= Math.max(1, freeFailures - state.failures)) throw rateLimited(firstWaitMs);
      state.pending += 1;
      state.touchedAt = now;
      const leave = () => {
        state.pending -= 1;
      };
      return {
        succeed() {
          leave();
          states.delete(key);
        },
        fail() {
          leave();
          fail(state);
        },
        release: leave,
      };
    },
  };
}
