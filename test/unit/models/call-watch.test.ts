import { describe, expect, it } from 'vitest';
import type { Clock } from '../../../src/lib/clock.ts';
import { CallWatch } from '../../../src/models/shared/call-watch.ts';
import { createFakeClock } from '../../support/fake-clock.ts';

const day = 24 * 60 * 60_000;

function start(timeouts: Partial<{ firstTokenMs: number; thinkingFirstTokenMs: number; gapMs: number; totalMs: number }>) {
  const clock = createFakeClock();
  const all = { firstTokenMs: 0, thinkingFirstTokenMs: 0, gapMs: 0, totalMs: 0, ...timeouts };
  const watch = new CallWatch({ signal: new AbortController().signal, clock, timeouts: all, patient: false });
  return { clock, watch };
}

describe('the limits of time of an answer', () => {
  it('are off where they are 0', () => {
    const { clock, watch } = start({});
    const signal = watch.begin();
    watch.expect('first');
    clock.advance(day);
    watch.expect('next');
    clock.advance(day);
    expect([watch.ended, signal.aborted]).toEqual([false, false]);
    watch.close();
  });

  it.each([
    ['firstTokenMs', 'first', 'first_token_timeout'],
    ['gapMs', 'next', 'idle_timeout'],
    ['totalMs', 'first', 'total_timeout'],
  ] as const)('end the request where %s is set', (name, what, kind) => {
    const { clock, watch } = start({ [name]: 1000 });
    const signal = watch.begin();
    watch.expect(what);
    clock.advance(999);
    expect(signal.aborted).toBe(false);
    clock.advance(1);
    expect([signal.aborted, watch.failure?.class]).toEqual([true, kind]);
    watch.close();
  });

  it('cost one timer for many pieces, and still count each silence from its own beginning', () => {
    const fake = createFakeClock();
    let timers = 0;
    const clock: Clock = {
      ...fake,
      after(ms, run) {
        timers += 1;
        return fake.after(ms, run);
      },
    };
    const timeouts = { firstTokenMs: 0, thinkingFirstTokenMs: 0, gapMs: 1000, totalMs: 0 };
    const watch = new CallWatch({ signal: new AbortController().signal, clock, timeouts, patient: false });
    const signal = watch.begin();
    for (let piece = 0; piece < 90; piece += 1) {
      watch.expect('next');
      fake.advance(10);
      watch.rest();
    }
    expect(timers).toBe(1);
    watch.expect('next');
    fake.advance(999);
    expect(signal.aborted).toBe(false);
    fake.advance(1);
    expect([signal.aborted, watch.failure?.class]).toEqual([true, 'idle_timeout']);
    watch.close();
  });

  it('do not run while nothing is waited for, and begin anew with the next wait', () => {
    const { clock, watch } = start({ gapMs: 1000 });
    const signal = watch.begin();
    watch.expect('next');
    watch.rest();
    clock.advance(day);
    watch.expect('next');
    clock.advance(999);
    expect(signal.aborted).toBe(false);
    clock.advance(1);
    expect(signal.aborted).toBe(true);
    watch.close();
  });
});
