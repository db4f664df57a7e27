const dayOf = new Intl.DateTimeFormat('en-US', {
  timeZone: 'America/Los_Angeles',
  year: 'numeric',
  month: '2-digit',
  day: '2-digit',
});

/**
 * Daily quotas of the service end at midnight Pacific time.
 * @returns whole seconds, at least 1; right across the change to and from summer time
 */
export function secondsToPacificMidnight(now: number): number {
  const day = pacificDay(now);
  // A day has 23 to 25 hours there: the first instant of the next day is searched for, to the second.
  let low = 0;
  let high = 25 * 3600 + 1;
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (pacificDay(now + middle * 1000) === day) low = middle;
    else high = middle;
  }
  return high;
}

function pacificDay(ms: number): string {
  const parts = dayOf.formatToParts(ms);
  const pick = (type: string): string => parts.find((part) => part.type === type)?.value ?? '';
  return `${pick('year')}-${pick('month')}-${pick('day')}`;
}
