import type { Clock } from '../../lib/clock.ts';
import { LruMap } from '../../lib/lru-map.ts';
import { createAccountLocks, type LockedTry } from './account-locks.ts';
import { createRateBuckets, type Refund } from './rate-buckets.ts';

const mostAddresses = 20_000;
const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const defaultPerMinute = 600;

export interface LoginThrottleLimits {
  /** Tries a minute from one client address; 0 turns it off. */
  readonly loginsPerMinutePerIp: number;
  /** Accounts an hour from one client address; 0 turns it off. */
  readonly signupsPerHourPerIp: number;
  /** Tries a minute on the whole process, sign-ups included; 0 turns it off. Default 600: what two cores can hash. */
  readonly loginsPerMinute?: number;
}

/** A try that was let in. The first call of a method ends it; later ones do nothing. */
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

export function createLoginThrottle(clock: Clock, limits: LoginThrottleLimits): LoginThrottle {
  const locks = createAccountLocks(clock);
  const buckets = createRateBuckets(clock, mostAddresses);
  /** Addresses that an account signed in from keep their own count: strangers cannot lock its owner out. */
  const knownAddresses = new LruMap<string, true>(mostAddresses);

  function takeShared(): Refund {
    return buckets.take('everyone', limits.loginsPerMinute ?? defaultPerMinute, minuteMs);
  }

  /** All of them or none: a refused try did no work and counts nowhere. */
  function enter(key: string, addressKey: string | null): { lock: LockedTry; refund: Refund } {
    const refunds: Refund[] = [];
    const refund = () => {
      for (const give of refunds) give();
    };
    try {
      if (addressKey !== null) refunds.push(buckets.take(`login ${addressKey}`, limits.loginsPerMinutePerIp, minuteMs));
      refunds.push(takeShared());
      return { lock: locks.enter(key), refund };
    } catch (error) {
      refund();
      throw error;
    }
  }

  return {
    reserve(accountKey, addressKey) {
      const pair = JSON.stringify([accountKey, addressKey]);
      const { lock, refund } = enter(knownAddresses.get(pair) === true ? pair : accountKey, addressKey);
      let open = true;
      const once = (end: () => void) => () => {
        if (open) end();
        open = false;
      };
      return {
        succeed: once(() => {
          refund();
          lock.succeed();
          if (addressKey !== null) knownAddresses.set(pair, true);
        }),
        fail: once(() => lock.fail()),
        release: once(() => {
          refund();
          lock.release();
        }),
      };
    },

    countSignup(addressKey) {
      if (addressKey !== null) buckets.take(`signup ${addressKey}`, limits.signupsPerHourPerIp, hourMs);
      takeShared();
    },
  };
}
