import { afterEach, expect, it } from 'vitest';
import { createPasswordHasher } from '../../../src/infrastructure/passwords/password-hasher.ts';
import { systemClock } from '../../../src/lib/clock.ts';
import { silentLogger } from '../../../src/lib/logger.ts';
import { createLoginThrottle } from '../../../src/services/accounts/login-throttle.ts';
import { createPasswordCheck } from '../../../src/services/accounts/password-check.ts';

const hasher = createPasswordHasher({ cost: 10, maxThreads: 1, maxWaitMs: 1, clock: systemClock, logger: silentLogger });
afterEach(() => hasher.close());

it('refuses a sign-in that would wait too long without asking the store, and counts it as no guess', async () => {
  const throttle = createLoginThrottle(systemClock, { loginsPerMinutePerIp: 3, signupsPerHourPerIp: 0 });
  const check = createPasswordCheck(hasher, throttle);
  // One is worked on and one waits: no room for another.
  const before = [hasher.hash('one two three'), hasher.hash('four five six')];
  let asked = 0;
  const find = () => {
    asked += 1;
    return Promise.resolve(null);
  };
  const attempt = () => check({ find, accountKey: 'ann', addressKey: 'a', password: 'seven eight nine' });
  for (let tries = 0; tries < 5; tries += 1) await expect(attempt()).rejects.toMatchObject({ code: 'OVERLOADED', retryAfter: 1 });
  expect(asked).toBe(0);
  await Promise.all(before);
  await expect(attempt()).rejects.toMatchObject({ code: 'BAD_CREDENTIALS' });
  expect(asked).toBe(1);
});

it('keeps the place of a sign-in while the store is slow', async () => {
  const roomy = createPasswordHasher({ cost: 10, maxThreads: 1, maxWaitMs: 60, clock: systemClock, logger: silentLogger });
  const check = createPasswordCheck(roomy, createLoginThrottle(systemClock, { loginsPerMinutePerIp: 0, signupsPerHourPerIp: 0 }));
  const attempt = (find: () => Promise<null>) => check({ find, accountKey: 'ann', addressKey: null, password: 'seven eight nine' });
  let found = (_user: null) => {};
  const slow = attempt(() => new Promise<null>((resolve) => (found = resolve)));
  await expect(attempt(() => Promise.resolve(null))).rejects.toMatchObject({ code: 'OVERLOADED' });
  found(null);
  await expect(slow).rejects.toMatchObject({ code: 'BAD_CREDENTIALS' });
  await roomy.close();
});
