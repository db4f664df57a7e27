import { describe, expect, it } from 'vitest';
import type { Clock } from '../../../src/lib/clock.ts';
import { createWriteRounds } from '../../../src/services/generations/write-rounds.ts';
import { createFakeClock } from '../../support/fake-clock.ts';

describe('the rounds in which answers are written', () => {
  it('write what came within one round together, with one timer, and never later than asked', () => {
    const clock = createFakeClock();
    let timers = 0;
    const counted: Clock = {
      ...clock,
      after(ms, run) {
        timers += 1;
        return clock.after(ms, run);
      },
    };
    const rounds = createWriteRounds(counted);
    const startedAt = clock.now();
    const written: string[] = [];
    const at = (name: string) => written.push(`${name} ${clock.now() - startedAt}`);
    rounds.in(120, () => at('a'));
    clock.advance(5);
    rounds.in(120, () => at('b'));
    clock.advance(30);
    rounds.in(120, () => at('c'));
    clock.advance(1000);
    expect(written).toEqual(['a 120', 'b 120', 'c 140']);
    expect(timers).toBe(7);
  });

  it('do not add their own wait to that of a busy loop, and go on when the clock is set back', () => {
    const clock = createFakeClock();
    // Every timer runs 100 ms late.
    const late: Clock = { ...clock, after: (ms, run) => clock.after(ms + 100, run) };
    const rounds = createWriteRounds(late);
    const startedAt = clock.now();
    const written: number[] = [];
    rounds.in(120, () => written.push(clock.now() - startedAt));
    clock.advance(500);
    expect(written).toEqual([120]);
    rounds.in(40, () => written.push(0));
    clock.setBack(3_600_000);
    clock.advance(500);
    expect(written).toEqual([120, 0]);
  });

  it('forget what was cancelled', () => {
    const clock = createFakeClock();
    const rounds = createWriteRounds(clock);
    const written: string[] = [];
    const cancel = rounds.in(20, () => written.push('cancelled'));
    rounds.in(20, () => written.push('kept'));
    cancel();
    clock.advance(100);
    expect(written).toEqual(['kept']);
  });
});
