import { describe, expect, it } from 'vitest';
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
});
