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
const hourMs = 60 * minuteMs;
const defaultPerMinute = 600;

export interface LoginThrottleLimits {
  /** Tries a minute from one client address; 0 turns it off. */
  readonly loginsPerMinutePerIp: number;
  /** Accounts an hour from one client address; 0 turns it off. */
  readonly signupsPerHourPerIp: number;
  /** Tries a minute on the whole process, sign-ups included; 0 turns it off. Default 600: twice what two cores can hash. */
  readonly loginsPerMinute?: number;
}

/** A try that was let in. Exactly one of the methods is called when it is over. */
export interface LoginTry {
  succeed(): void;
  fail(): void;
  /** The try was not judged (overload, store down): it does not count. */
  release(): void;
}

export interface LoginThrottle {
  /**
   * Counts a try before any work is done for it, so that parallel tries cannot pass the threshold together.
   * @throws AppError RATE_LIMITED with the seconds to wait
   */
  reserve(accountKey: string, addressKey: string | null): LoginTry;
  /** Counts a sign-up, whatever comes of it. @throws AppError RATE_LIMITED with the seconds to wait */
  countSignup(addressKey: string | null): void;
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

  /** @param amount refills in `periodMs`, and is the most that may come at once. @returns what gives the token back */
  function takeToken(key: string, amount: number, periodMs: number): () => void {
    if (amount <= 0) return () => {};
    const now = clock.now();
    const bucket = buckets.get(key) ?? { tokens: amount, filledAt: now };
    bucket.tokens = Math.min(amount, bucket.tokens + ((now - bucket.filledAt) * amount) / periodMs);
    bucket.filledAt = now;
    buckets.set(key, bucket);
    if (bucket.tokens < 1) throw limited(((1 - bucket.tokens) * periodMs) / amount);
    bucket.tokens -= 1;
    return () => {
      bucket.tokens = Math.min(amount, bucket.tokens + 1);
    };
  }

  function takeShared(): () => void {
    return takeToken('everyone', limits.loginsPerMinute ?? defaultPerMinute, minuteMs);
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

  /** All of them or none: a refused try did no work and counts nowhere. */
  function enter(key: string, addressKey: string | null): { state: AccountState; refund: () => void } {
    const refunds: (() => void)[] = [];
    const refund = () => {
      for (const give of refunds) give();
    };
    try {
      if (addressKey !== null) refunds.push(takeToken(`login ${addressKey}`, limits.loginsPerMinutePerIp, minuteMs));
      refunds.push(takeShared());
      const state = accountFor(key);
      enterAccount(state);
      return { state, refund };
    } catch (error) {
      refund();
      throw error;
    }
  }

  return {
    reserve(accountKey, addressKey) {
      const pair = JSON.stringify([accountKey, addressKey]);
      const key = knownAddresses.get(pair) === true ? pair : accountKey;
      const { state, refund } = enter(key, addressKey);
      let open = true;
      const end = (judge: () => void) => () => {
        if (!open) return;
        open = false;
        state.pending -= 1;
        judge();
      };
      return {
        succeed: end(() => {
          refund();
          accounts.delete(key);
          if (addressKey !== null) knownAddresses.set(pair, true);
        }),
        fail: end(() => failAccount(state)),
        release: end(refund),
      };
    },

    countSignup(addressKey) {
      if (addressKey !== null) takeToken(`signup ${addressKey}`, limits.signupsPerHourPerIp, hourMs);
      takeShared();
    },
  };
}

function limited(waitMs: number): AppError {
  return new AppError('RATE_LIMITED', { retryAfter: Math.max(1, Math.ceil(waitMs / 1000)) });
}
