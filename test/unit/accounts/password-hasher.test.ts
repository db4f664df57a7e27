import { performance } from 'node:perf_hooks';
import { Worker } from 'node:worker_threads';
import { afterEach, describe, expect, it } from 'vitest';
import {
  createPasswordHasher,
  type PasswordHasher,
  type PasswordHasherOptions,
} from '../../../src/infrastructure/passwords/password-hasher.ts';
import { systemClock } from '../../../src/lib/clock.ts';
import { silentLogger } from '../../../src/lib/logger.ts';
import { workerEntry } from '../../../src/lib/worker-entry.ts';
import { createFakeClock } from '../../support/fake-clock.ts';

let hasher: PasswordHasher | null = null;
function build(options: Partial<PasswordHasherOptions> = {}): PasswordHasher {
  hasher = createPasswordHasher({ cost: 4, maxThreads: 1, maxWaitMs: 60_000, clock: systemClock, logger: silentLogger, ...options });
  return hasher;
}
afterEach(async () => {
  await hasher?.close();
  hasher = null;
});

describe('the password hasher', () => {
  it('knows the right password and no other', async () => {
    const { hash, verify } = build();
    const stored = await hash('گذرواژهٔ امن 🔑');
    expect(stored).toMatch(/^\$2b\$04\$/);
    expect(await verify('گذرواژهٔ امن 🔑', stored)).toBe(true);
    expect(await verify('گذرواژهٔ امن 🔒', stored)).toBe(false);
  });

  it('matches nothing against the dummy hash, with the same cost and form as a real one', async () => {
    const { hash, verify, dummyHash } = build();
    expect(await verify('anything', dummyHash)).toBe(false);
    expect(dummyHash.length).toBe((await hash('anything')).length);
  });

  it('refuses what bcrypt would cut or confuse', async () => {
    const { hash, verify, dummyHash } = build();
    await expect(hash(`${'a'.repeat(72)}x`)).rejects.toMatchObject({ code: 'PASSWORD_TOO_LONG', params: { limit: 72 } });
    await expect(hash('😀'.repeat(19))).rejects.toMatchObject({ code: 'PASSWORD_TOO_LONG' });
    await expect(hash('abc\0def-ghi')).rejects.toMatchObject({ code: 'BAD_REQUEST' });
    await expect(verify('abc\ud800def', dummyHash)).rejects.toMatchObject({ code: 'BAD_REQUEST' });
    await expect(hash('😀'.repeat(18))).resolves.toMatch(/^\$2b/);
  });

  it('refuses at once, with the seconds to wait, when the queue is worth too much', async () => {
    const { hash } = build({ cost: 10, maxWaitMs: 200 });
    const results = await Promise.allSettled(Array.from({ length: 30 }, (_, at) => hash(`password ${at}`)));
    const refused = results.filter((result) => result.status === 'rejected').map((result) => result.reason);
    expect(refused.length).toBeGreaterThan(20);
    expect(refused[0]).toMatchObject({ code: 'OVERLOADED', retryAfter: 1 });
    expect(results[0]).toMatchObject({ status: 'fulfilled' });
  });

  it('goes on after a job that the worker could not do', async () => {
    const { hash, verify } = build();
    await expect(verify('anything', 'not a hash')).resolves.toBe(false);
    await expect(hash('works again')).resolves.toMatch(/^\$2b/);
  });

  it('fails the job of a worker that dies, and gives the next one a new worker', async () => {
    let starts = 0;
    const startWorker = () => {
      starts += 1;
      if (starts === 1) return new Worker('require("node:worker_threads").parentPort.on("message", () => process.exit(1))', { eval: true });
      const entry = workerEntry('password-worker', '../../../src/infrastructure/passwords/password-worker.ts', import.meta.url);
      return new Worker(entry.url, entry.options);
    };
    const { hash } = build({ startWorker });
    const [first, second] = await Promise.allSettled([hash('one two three'), hash('four five six')]);
    expect(first).toMatchObject({ status: 'rejected', reason: { code: 'INTERNAL' } });
    expect(second).toMatchObject({ status: 'fulfilled' });
    expect(starts).toBe(2);
  });

  it('stops its thread after a minute without work, and starts it again', async () => {
    const clock = createFakeClock();
    const started: Worker[] = [];
    const startWorker = () => {
      const entry = workerEntry('password-worker', '../../../src/infrastructure/passwords/password-worker.ts', import.meta.url);
      const worker = new Worker(entry.url, entry.options);
      started.push(worker);
      return worker;
    };
    const { hash } = build({ clock, startWorker });
    await hash('one two three');
    const [first] = started;
    if (first === undefined) throw new Error('no worker was started');
    const exited = new Promise((resolve) => first.once('exit', resolve));
    clock.advance(60_000);
    await exited;
    await expect(hash('four five six')).resolves.toMatch(/^\$2b/);
    expect(started).toHaveLength(2);
  });

  it('keeps the event loop free while many passwords are hashed', async () => {
    const { hash } = build({ cost: 10, maxThreads: 2, maxWaitMs: 120_000 });
    await hash('warm up');
    const before = performance.eventLoopUtilization();
    await Promise.all(Array.from({ length: 6 }, (_, at) => hash(`password ${at}`)));
    // On the main thread they would leave it no rest. What else the machine does keeps it waiting, not busy.
    expect(performance.eventLoopUtilization(before).utilization).toBeLessThan(0.5);
  });

  it('fails waiting jobs with DRAINING when it closes', async () => {
    const built = build({ cost: 12 });
    const waiting = [built.hash('one two three'), built.hash('four five six')].map((job) => job.catch((error: unknown) => error));
    await built.close();
    expect(await Promise.all(waiting)).toMatchObject([{ code: 'DRAINING' }, { code: 'DRAINING' }]);
    await expect(built.hash('seven')).rejects.toMatchObject({ code: 'DRAINING' });
  });
});
