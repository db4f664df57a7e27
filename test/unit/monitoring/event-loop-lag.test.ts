import { setImmediate } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { createEventLoopLag } from '../../../src/core/index.ts';

it('sees work that keeps the event loop from its timers, and begins anew with each stretch', async () => {
  const lag = createEventLoopLag();
  lag.start();
  try {
    // The first look has to have been.
    while (lag.read().max === 0) await setImmediate();
    const until = performance.now() + 120;
    while (performance.now() < until);
    while (lag.read().max < 0.06) await setImmediate();
    lag.sample();
    const seen = lag.read();
    expect(seen.max).toBeGreaterThanOrEqual(0.06);
    expect(seen.p50).toBeLessThanOrEqual(seen.p99);
    expect(seen.p99).toBeLessThanOrEqual(seen.max);
    lag.sample();
    expect(lag.read()).not.toEqual(seen);
  } finally {
    lag.stop();
  }
});
