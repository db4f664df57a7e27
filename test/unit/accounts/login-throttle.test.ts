import { describe, expect, it } from 'vitest';
import { createLoginThrottle } from '../../../src/services/accounts/login-throttle.ts';
import { createFakeClock } from '../../support/fake-clock.ts';

function build(limits: { loginsPerMinutePerIp?: number; signupsPerHourPerIp?: number; loginsPerMinute?: number } = {}) {
  const clock = createFakeClock();
  const throttle = createLoginThrottle(clock, { loginsPerMinutePerIp: 0, signupsPerHourPerIp: 0, loginsPerMinute: 0, ...limits });
  return { clock, throttle };
}

const waitOf = (run: () => unknown): number => {
  try {
    run();
  } catch (error) {
    return (error as { retryAfter?: number }).retryAfter ?? -1;
  }
  return 0;
};

describe('the throttle of sign-in', () => {
  it('doubles the wait from 1 second to 15 minutes, and never more', () => {
    const { clock, throttle } = build();
    for (let at = 0; at < 4; at += 1) throttle.reserve('ann', 'a').fail();
    const waits: number[] = [];
    for (let at = 0; at < 12; at += 1) {
      throttle.reserve('ann', 'a').fail();
      const wait = waitOf(() => throttle.reserve('ann', 'a'));
      waits.push(wait);
      clock.advance(wait * 1000);
    }
    expect(waits).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900]);
  });

  it('starts anew after a success, and after an hour without a failure', () => {
    const { clock, throttle } = build();
    const failFour = () => {
      for (let at = 0; at < 4; at += 1) throttle.reserve('ann', 'a').fail();
    };
    failFour();
    throttle.reserve('ann', 'a').succeed();
    failFour();
    expect(waitOf(() => throttle.reserve('ann', 'a').release())).toBe(0);
    clock.advance(3_600_000);
    failFour();
    expect(waitOf(() => throttle.reserve('ann', 'a').release())).toBe(0);
  });

  it('lets the owner in from where they were before while strangers are locked out', () => {
    const { throttle } = build();
    throttle.reserve('ann', 'home').succeed();
    for (let at = 0; at < 5; at += 1) throttle.reserve('ann', `stranger ${at}`).fail();
    expect(waitOf(() => throttle.reserve('ann', 'another stranger'))).toBe(1);
    expect(waitOf(() => throttle.reserve('ann', 'home').succeed())).toBe(0);
  });

  it('counts running tries before they are judged', () => {
    const { throttle } = build();
    const running = Array.from({ length: 5 }, () => throttle.reserve('ann', 'a'));
    expect(waitOf(() => throttle.reserve('ann', 'a'))).toBe(1);
    for (const each of running) each.release();
    expect(waitOf(() => throttle.reserve('ann', 'a'))).toBe(0);
  });

  it('refills an address minute by minute and gives back what succeeded', () => {
    const { clock, throttle } = build({ loginsPerMinutePerIp: 20 });
    for (let at = 0; at < 20; at += 1) throttle.reserve(`n${at}`, 'a').fail();
    expect(waitOf(() => throttle.reserve('m', 'a'))).toBe(3);
    expect(waitOf(() => throttle.reserve('m', 'b').release())).toBe(0);
    clock.advance(3000);
    throttle.reserve('m', 'a').succeed();
    expect(waitOf(() => throttle.reserve('m', 'a').fail())).toBe(0);
    expect(waitOf(() => throttle.reserve('m', 'a'))).toBeGreaterThan(0);
  });

  it('counts every sign-up of an address, also those that came to nothing', () => {
    const { clock, throttle } = build({ signupsPerHourPerIp: 2 });
    throttle.countSignup('a');
    throttle.countSignup('a');
    expect(waitOf(() => throttle.countSignup('a'))).toBe(1800);
    clock.advance(1_800_000);
    expect(waitOf(() => throttle.countSignup('a'))).toBe(0);
  });
});
