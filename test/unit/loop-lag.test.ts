import { expect, it } from 'vitest';
import { watchLoopLag } from '../../src/lib/loop-lag.ts';

it('is the time for which the loop has not come round, and nothing again once it has', () => {
  let now = 1_000_000;
  let tick = () => {};
  let stopped = false;
  const lag = watchLoopLag({
    now: () => now,
    after: () => () => {},
    every: (_ms, run) => {
      tick = run;
      return () => {
        stopped = true;
      };
    },
  });
  now += 1000;
  expect(lag.now()).toBe(0);
  now += 6000;
  expect(lag.now()).toBe(6000);
  tick();
  expect(lag.now()).toBe(0);
  lag.stop();
  expect(stopped).toBe(true);
});
