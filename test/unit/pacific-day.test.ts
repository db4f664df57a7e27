import { describe, expect, it } from 'vitest';
import { msUntilPacificMidnight, pacificDay } from '../../src/lib/pacific-day.ts';

const HOUR_MS = 3_600_000;
const calendar = new Intl.DateTimeFormat('en-CA', { timeZone: 'America/Los_Angeles', year: 'numeric', month: '2-digit', day: '2-digit' });

describe('the day in California', () => {
  it('is what the calendar of the system says in each month of thirty years, and ends when it says so', () => {
    const wrong: string[] = [];
    // Around the Sundays on which clocks are changed each hour is asked for.
    const isNearChange = (at: number): boolean => [2, 10].includes(new Date(at).getUTCMonth()) && new Date(at).getUTCDate() < 16;
    for (let at = Date.UTC(2020, 0, 1); at < Date.UTC(2050, 0, 1); at += isNearChange(at) ? HOUR_MS : 31 * HOUR_MS) {
      const day = calendar.format(at);
      if (pacificDay(at) !== day) wrong.push(`${new Date(at).toISOString()} is ${day}`);
      const rest = msUntilPacificMidnight(at);
      if (calendar.format(at + rest) === day || calendar.format(at + rest - 1) !== day)
        wrong.push(`${new Date(at).toISOString()} ends wrong`);
    }
    expect(wrong).toEqual([]);
  });

  it.each([
    ['an ordinary evening', '2026-11-21T20:00:00-08:00', 4 * HOUR_MS],
    ['midnight itself', '2026-11-21T00:00:00-08:00', 24 * HOUR_MS],
    ['the last half second', '2026-11-21T23:59:59.500-08:00', 500],
    ['summer', '2026-07-01T12:00:00-07:00', 12 * HOUR_MS],
    ['the day that has 23 hours', '2026-03-08T00:00:00-08:00', 23 * HOUR_MS],
    ['that day after the change', '2026-03-08T05:00:00-07:00', 19 * HOUR_MS],
    ['the day that has 25 hours', '2026-11-01T00:00:00-07:00', 25 * HOUR_MS],
  ])('%s: so long until it ends', (_name, time, ms) => {
    expect(msUntilPacificMidnight(Date.parse(time))).toBe(ms);
  });
});
