/** Round values between two numbers for an axis: steps of 1, 2 or 5 times a power of ten. */
export function niceTicks(low: number, high: number, wanted: number): readonly number[] {
  if (!Number.isFinite(low) || !Number.isFinite(high)) return [0, 1];
  const span = high - low === 0 ? Math.max(1, Math.abs(high)) : high - low;
  const raw = span / Math.max(1, wanted);
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = ([1, 2, 5, 10].find((one) => one * power >= raw * 0.999) ?? 10) * power;
  const first = Math.floor(low / step) * step;
  const count = Math.max(1, Math.ceil((Math.max(high, low + span * 1e-9) - first) / step - 1e-9));
  // Multiples, not sums: a tenth added ten times is not one.
  return Array.from({ length: count + 1 }, (_, index) => Number(((Math.round(first / step) + index) * step).toPrecision(12)));
}

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;
const timeSteps = [
  1000,
  5000,
  15_000,
  30_000,
  minute,
  5 * minute,
  15 * minute,
  30 * minute,
  hour,
  3 * hour,
  6 * hour,
  12 * hour,
  day,
  2 * day,
  7 * day,
  14 * day,
];

export interface TimeTicks {
  readonly ticks: readonly number[];
  /** What of a moment tells one tick from the next. */
  readonly unit: 'second' | 'minute' | 'day' | 'month' | 'year';
}

/** Moments between two others at which a clock or a calendar turns over, by UTC. */
export function timeTicks(low: number, high: number, wanted: number): TimeTicks {
  const span = Math.max(1, high - low);
  const step = timeSteps.find((one) => span / one <= wanted + 0.5);
  if (step !== undefined) {
    const first = Math.ceil(low / step) * step;
    const count = Math.floor((high - first) / step) + 1;
    const ticks = Array.from({ length: Math.max(1, count) }, (_, index) => first + index * step);
    return { ticks, unit: step >= day ? 'day' : step >= minute ? 'minute' : 'second' };
  }
  const months = [1, 3, 6].find((one) => span / (one * 30 * day) <= wanted + 0.5);
  return months === undefined ? yearTicks(low, high, wanted) : { ticks: monthTicks(low, high, months), unit: 'month' };
}

function monthTicks(low: number, high: number, step: number): readonly number[] {
  const begin = new Date(low);
  const ticks: number[] = [];
  for (let index = Math.floor(begin.getUTCMonth() / step) * step; ; index += step) {
    const at = Date.UTC(begin.getUTCFullYear(), index, 1);
    if (at > high) return ticks;
    if (at >= low) ticks.push(at);
  }
}

function yearTicks(low: number, high: number, wanted: number): TimeTicks {
  const years = niceTicks(new Date(low).getUTCFullYear(), new Date(high).getUTCFullYear(), wanted).filter(Number.isInteger);
  return { ticks: years.map((year) => Date.UTC(year, 0, 1)).filter((at) => at >= low && at <= high), unit: 'year' };
}

/** At most so many of a list, evenly. */
export function thinned<T>(items: readonly T[], most: number): readonly T[] {
  const step = Math.max(1, Math.ceil(items.length / Math.max(1, most)));
  return step === 1 ? items : items.filter((_, index) => index % step === 0);
}
