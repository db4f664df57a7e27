import { describe, expect, it } from 'vitest';
import { FailureBreaker, type PluginOutcome } from '../../../src/services/plugins/failure-breaker.ts';

function trips(outcomes: readonly PluginOutcome[]): boolean[] {
  const breaker = new FailureBreaker();
  return outcomes.map((outcome) => breaker.note(outcome));
}

describe('the breaker of a plugin', () => {
  it('opens at the third failure in a row and counts anew then', () => {
    expect(trips(Array.from({ length: 6 }, () => 'plugin-failed' as const))).toEqual([false, false, true, false, false, true]);
  });

  it('forgets failures when something succeeds', () => {
    expect(trips(['plugin-failed', 'plugin-failed', 'succeeded', 'plugin-failed', 'plugin-failed'])).not.toContain(true);
  });

  it('takes six lost processes, which may have been ended from outside', () => {
    expect(trips(Array.from({ length: 6 }, () => 'worker-lost' as const)).indexOf(true)).toBe(5);
    expect(trips(['worker-lost', 'worker-lost', 'plugin-failed', 'plugin-failed'])).toEqual([false, false, false, true]);
  });
});
