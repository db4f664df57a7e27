import type { Overview } from '../../../src/protocol/shapes.ts';

/** One measured value and when, in milliseconds since the epoch. */
export interface PlotPoint {
  readonly at: number;
  readonly value: number | null;
}

export interface Plot {
  /** SVG paths in a box of `plotWidth` x `plotHeight`; a missing value is a gap. */
  readonly line: string;
  readonly area: string;
  readonly from: number;
  readonly to: number;
  readonly top: number;
  readonly lowest: number;
  readonly highest: number;
  readonly mean: number;
}

export const plotWidth = 300;
export const plotHeight = 56;
const longestMs = 3_600_000;
const shortestMs = 60_000;
/** The line must not be cut at the edges of its box. */
const margin = 2;

/** One number of an overview over time, up to now: what is highest is never below what is shown as the number of the moment. */
export function pointsOf({ series, numbers, at: now }: Pick<Overview, 'series' | 'numbers' | 'at'>, name: string): readonly PlotPoint[] {
  const values = series.values[name] ?? [];
  const points = series.at.flatMap((at, index) => {
    const time = Date.parse(at);
    return Number.isNaN(time) ? [] : [{ at: time, value: values[index] ?? null }];
  });
  const [time, value] = [Date.parse(now), numbers[name]];
  return value !== undefined && time > (points.at(-1)?.at ?? Number.POSITIVE_INFINITY) ? [...points, { at: time, value }] : points;
}

/** Where a moment stands from left to right. */
export const plotX = ({ from, to }: Pick<Plot, 'from' | 'to'>, at: number): number => ((at - from) / (to - from)) * plotWidth;

/** A round number at or above `value`: 1, 2 or 5 times a power of ten. */
export function roundUp(value: number): number {
  if (value <= 0) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  const step = [1, 2, 5, 10].find((one) => one * power >= value - 1e-9) ?? 10;
  return step * power;
}

/** Draws the last hour, or less while the server is young. Null without two values. */
export function drawPlot(points: readonly PlotPoint[]): Plot | null {
  const known = points.filter((point): point is PlotPoint & { value: number } => point.value !== null);
  const last = points.at(-1);
  const first = known[0];
  if (first === undefined || last === undefined || known.length < 2) return null;
  const to = last.at;
  const from = to - Math.min(longestMs, Math.max(shortestMs, to - first.at));
  const values = known.map(({ value }) => value);
  const highest = Math.max(...values);
  const top = roundUp(highest);
  const frame = { from, to };
  const x = (at: number) => plotX(frame, at).toFixed(1);
  const y = (value: number) => (plotHeight - margin - (value / top) * (plotHeight - 2 * margin)).toFixed(1);
  const runs = unbroken(points.filter(({ at }) => at >= from));
  const line = runs.map((run) => `M${run.map(({ at, value }) => `${x(at)} ${y(value)}`).join('L')}${run.length === 1 ? 'h0' : ''}`);
  const area = runs.map((run) => {
    const [begin, end] = [run[0]?.at ?? from, run.at(-1)?.at ?? to];
    return `M${x(begin)} ${plotHeight}L${run.map(({ at, value }) => `${x(at)} ${y(value)}`).join('L')}L${x(end)} ${plotHeight}Z`;
  });
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return { line: line.join(''), area: area.join(''), from, to, top, lowest: Math.min(...values), highest, mean };
}

/** Stretches without a missing value. */
function unbroken(points: readonly PlotPoint[]): (PlotPoint & { value: number })[][] {
  const runs: (PlotPoint & { value: number })[][] = [[]];
  for (const { at, value } of points) {
    if (value === null) runs.push([]);
    else runs.at(-1)?.push({ at, value });
  }
  return runs.filter((run) => run.length > 0);
}

/** The known value nearest to a moment. */
export function nearest(points: readonly PlotPoint[], at: number): (PlotPoint & { value: number }) | null {
  let best: (PlotPoint & { value: number }) | null = null;
  for (const { at: time, value } of points) {
    if (value !== null && (best === null || Math.abs(time - at) < Math.abs(best.at - at))) best = { at: time, value };
  }
  return best;
}
