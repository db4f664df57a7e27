const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/**
 * The day of a moment in California, `2026-11-21`: Gemini's daily quotas end at midnight there. By the rule of the United States since
 * 2007 (summer time from the second Sunday of March to the first of November), not by `Intl`: the first formatter of a process costs
 * 10 ms and 9 MB.
 * @param ms since 1970, from 2007 on
 */
export function pacificDay(ms: number): string {
  return new Date(ms - offsetAt(ms)).toISOString().slice(0, 10);
}

/** Milliseconds until that day ends, at least 1; right on the two days a year that have another length too. */
export function msUntilPacificMidnight(ms: number): number {
  const midnight = (Math.floor((ms - offsetAt(ms)) / DAY_MS) + 1) * DAY_MS;
  // Clocks are changed at two in the morning: the first is midnight in summer time, where that holds.
  return midnight + offsetAt(midnight + 7 * HOUR_MS) - ms;
}

/** How far the clocks there are behind UTC. */
function offsetAt(ms: number): number {
  const year = new Date(ms).getUTCFullYear();
  const isSummer = ms >= sunday(year, 2, 8) + 10 * HOUR_MS && ms < sunday(year, 10, 1) + 9 * HOUR_MS;
  return (isSummer ? 7 : 8) * HOUR_MS;
}

/** The first Sunday from a day of a month on. */
function sunday(year: number, month: number, day: number): number {
  const from = Date.UTC(year, month, day);
  return from + ((7 - new Date(from).getUTCDay()) % 7) * DAY_MS;
}
