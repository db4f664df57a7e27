import { createHash, randomBytes } from 'node:crypto';
import type { Clock } from '../../lib/clock.ts';
import { LruMap } from '../../lib/lru-map.ts';

/** How long a code can be traded, and how many may wait at once. */
const lifetimeMs = 60_000;
const mostWaiting = 1000;

export interface LoginCodes {
  /** @returns 256 random bits, base64url: good for 60 seconds and one use */
  grant(userId: string, sid: string): string;
  /** Spends the code. @returns null when it is unknown, spent or too old */
  spend(code: string): { userId: string; sid: string } | null;
}

/** One-time codes by which a socket's sign-in becomes a cookie. Only their hashes are kept, in memory. */
export function createLoginCodes(clock: Clock): LoginCodes {
  const waiting = new LruMap<string, { userId: string; sid: string; endsAt: number }>(mostWaiting);
  const keyOf = (code: string) => createHash('sha256').update(code).digest('base64url');

  return {
    grant(userId, sid) {
      const code = randomBytes(32).toString('base64url');
      waiting.set(keyOf(code), { userId, sid, endsAt: clock.now() + lifetimeMs });
      return code;
    },
    spend(code) {
      const key = keyOf(code);
      const entry = waiting.get(key);
      waiting.delete(key);
      if (entry === undefined || clock.now() >= entry.endsAt) return null;
      return { userId: entry.userId, sid: entry.sid };
    },
  };
}
