import { AppError } from '../lib/app-error.ts';
import type { Clock } from '../lib/clock.ts';
import { LruMap } from '../lib/lru-map.ts';

/** Failures that cost nothing, the first wait after them, and the longest: PROMISES R9. */
const freeFailures = 5;
const firstWaitMs = 1000;
const longestWaitMs = 15 * 60_000;
/** A failure is forgotten after this long without another. */
const forgetMs = 60 * 60_000;
const mostAccounts = 20_000;
const mostAddresses = 20_000;
const minuteMs = 60_000;

export interface LoginThrottleLimits {
  /** Tries a minute from one client address; 0 turns it off. */
  readonly loginsPerAddressPerMinute: number;
  /** Tries a minute on the whole process; 0 turns it off. */
  readonly loginsPerMinute: number;
}

/** A try that was let in. Exactly one of the methods is called when it is over. */
export interface LoginTry {
  succeed(): void;
  fail(): void;
  /** The try counts against address and process, no account is judged: every sign-up, whatever comes of it. */
  count(): void;
  /** The try was not judged (overload, store down): it does not count. */
  release(): void;
}

export interface LoginThrottle {
  /**
   * Counts a try before any work is done for it, so that parallel tries cannot pass the threshold together.
   * @param accountKey null when no account is named (sign-up, code exchange): only the other two limits hold
   * @throws AppError RATE_LIMITED with the seconds to wait
   */
  reserve(accountKey: string | null, addressKey: string | null): LoginTry;
}

interface AccountState {
  failures: number;
  pending: number;
  lockedUntil: number;
  touchedAt: number;
}

interface Bucket {
  tokens: number;
  filledAt: number;
}

export function createLoginThrottle(clock: Clock, limits: LoginThrottleLimits): LoginThrottle {
  const accounts = new LruMap<string, AccountState>(mostAccounts);
  const buckets = new LruMap<string, Bucket>(mostAddresses);
  /** Addresses that an account signed in from keep their own count: strangers cannot lock its owner out. */
  const knownAddresses = new LruMap<string, true>(mostAddresses);

  function bucketFor(key: string, perMinute: number): Bucket {
    const now = clock.now();
    const bucket = buckets.get(key) ?? { tokens: perMinute, filledAt: now };
    bucket.tokens = Math.min(perMinute, bucket.tokens + ((now - bucket.filledAt) * perMinute) / minuteMs);
    bucket.filledAt = now;
    buckets.set(key, bucket);
    return bucket;
  }

  function takeToken(key: string, perMinute: number): () => void {
    if (perMinute <= 0) return () => {};
    const bucket = bucketFor(key, perMinute);
    if (bucket.tokens < 1) throw limited(((1 - bucket.tokens) * minuteMs) / perMinute);
    bucket.tokens -= 1;
    return () => {
      bucket.tokens = Math.min(perMinute, bucket.tokens + 1);
    };
  }

  function accountFor(key: string): AccountState {
    const now = clock.now();
    const found = accounts.get(key);
    if (found !== undefined && (found.pending > 0 || now - found.touchedAt < forgetMs)) return found;
    const fresh: AccountState = { failures: 0, pending: 0, lockedUntil: 0, touchedAt: now };
    accounts.set(key, fresh);
    return fresh;
  }

  function enterAccount(state: AccountState): void {
    const now = clock.now();
    if (now < state.lockedUntil) throw limited(state.lockedUntil - now);
    // After the free tries only one at a time may run, and a full set of running tries counts as failed until it is judged.
    const open = Math.max(1, freeFailures - state.failures);
    if (state.pending >= open) throw limited(firstWaitMs);
    state.pending += 1;
    state.touchedAt = now;
  }

  function failAccount(state: AccountState): void {
    state.failures += 1;
    state.touchedAt = clock.now();
    if (state.failures < freeFailures) return;
    const wait = Math.min(longestWaitMs, firstWaitMs * 2 ** Math.min(30, state.failures - freeFailures));
    state.lockedUntil = clock.now() + wait;
  }

  return {
    reserve(accountKey, addressKey) {
      const pair = JSON.stringify([accountKey, addressKey]);
      const key = accountKey === null ? null : knownAddresses.get(pair) === true ? pair : accountKey;
      const refunds: (() => void)[] = [];
      const refund = () => {
        for (const give of refunds) give();
      };
      let state: AccountState | null = null;
      try {
        if (addressKey !== null) refunds.push(takeToken(`address ${addressKey}`, limits.loginsPerAddressPerMinute));
        refunds.push(takeToken('everyone', limits.loginsPerMinute));
        if (key !== null) {
          const entered = accountFor(key);
          enterAccount(entered);
          state = entered;
        }
      } catch (error) {
        // A refused try did no work: only the limit that refused it holds.
        refund();
        throw error;
      }
      let open = true;
      const end = (judge: () => void) => () => {
        if (!open) return;
        open = false;
        if (state !== null) state.pending -= 1;
        judge();
      };
      return {
        succeed: end(() => {
          refund();
          if (key !== null) accounts.delete(key);
          if (accountKey !== null && addressKey !== null) knownAddresses.set(pair, true);
        }),
        fail: end(() => {
          if (state !== null) failAccount(state);
        }),
        count: end(() => {}),
        release: end(refund),
      };
    },
  };
}

function limited(waitMs: number): AppError {
  return new AppError('RATE_LIMITED', { retryAfter: Math.max(1, Math.ceil(waitMs / 1000)) });
}
