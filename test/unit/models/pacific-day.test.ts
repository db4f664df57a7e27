import { describe, expect, it } from 'vitest';
import { secondsToPacificMidnight } from '../../../src/models/gemini/pacific-day.ts';

describe('the end of the Pacific day', () => {
  it.each([
    ['an ordinary evening', '2026-11-21T20:00:00-08:00', 4 * 3600],
    ['midnight itself', '2026-11-21T00:00:00-08:00', 24 * 3600],
    ['the last second', '2026-11-21T23:59:59-08:00', 1],
    ['the last half second', '2026-11-21T23:59:59.500-08:00', 1],
    ['summer', '2026-07-01T12:00:00-07:00', 12 * 3600],
    ['the day that has 23 hours', '2026-03-08T00:00:00-08:00', 23 * 3600],
    ['the day that has 25 hours', '2026-11-01T00:00:00-07:00', 25 * 3600],
  ])('%s', (_name, time, seconds) => {
    expect(secondsToPacificMidnight(Date.parse(time))).toBe(seconds);
  });
});
