import { AppError } from '../../lib/app-error.ts';
import type { Clock } from '../../lib/clock.ts';
import { LruMap } from '../../lib/lru-map.ts';

interface Bucket {
  tokens: number;
  filledAt: number;
}

/** Gives the token back. */
export type Refund = () => void;

/** Token buckets by name, the least used forgotten first. @param most how many names are kept */
export function createRateBuckets(clock: Clock, most: number) {
  const buckets = new LruMap<string, Bucket>(most);
  return {
    /**
     * @param amount refills in `periodMs`, and is the most that may come at once; 0 turns the limit off
     * @throws AppError RATE_LIMITED with the seconds to wait
     */
    take(name: string, amount: number, periodMs: number): Refund {
      if (amount <= 0) return () => {};
      const now = clock.now();
      const bucket = buckets.get(name) ?? { tokens: amount, filledAt: now };
      bucket.tokens = Math.min(amount, bucket.tokens + ((now - bucket.filledAt) * amount) / periodMs);
      bucket.filledAt = now;
      buckets.set(name, bucket);
      if (bucket.tokens < 1) throw rateLimited(((1 - bucket.tokens) * periodMs) / amount);
      bucket.tokens -= 1;
      return () => {
        bucket.tokens = Math.min(amount, bucket.tokens + 1);
      };
    },
  };
}

export function rateLimited(waitMs: number): AppError {
  return new AppError('RATE_LIMITED', { retryAfter: Math.max(1, Math.ceil(waitMs / 1000)) });
}
