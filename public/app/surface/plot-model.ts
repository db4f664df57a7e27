import type { PlotData } from '../../../src/protocol/surface-shapes.ts';
import { timeOf } from './table-model.ts';

export interface PlotPoint {
  /** A number, a time in ms, or the index of a category. */
  readonly x: number;
  readonly y: number;
}

export interface PlotSeries {
  readonly name: string;
  /** Its place among all series, hidden ones included: colour and mark stay when another one is hidden. */
  readonly index: number;
  /** In the order of x, but for scatter plots. */
  readonly points: readonly PlotPoint[];
}

export interface PlotModel {
  readonly kind: PlotData['kind'];
  readonly xType: PlotData['x']['type'];
  readonly series: readonly PlotSeries[];
  readonly categories: readonly string[];
  readonly xLow: number;
  readonly xHigh: number;
  readonly yLow: number;
  readonly yHigh: number;
}

/** What is drawn: values as numbers, and how far they reach. Points that are no numbers are left out. */
export function plotModel(plot: PlotData, hidden: ReadonlySet<number>): PlotModel {
  const categories = categoriesOf(plot);
  const indexOf = new Map(categories.map((name, index) => [name, index]));
  const xOf = (value: number | string): number | null => {
    if (plot.x.type === 'category') return indexOf.get(String(value)) ?? null;
    return plot.x.type === 'date' ? timeOf(value) : Number(value);
  };
  const series = plot.series
    .map(({ name, points }, index) => {
      const known = points.flatMap(([value, y]) => {
        const x = xOf(value);
        return x === null || !Number.isFinite(x) || !Number.isFinite(y) ? [] : [{ x, y }];
      });
      return { name, index, points: plot.kind === 'scatter' ? known : known.toSorted((a, b) => a.x - b.x) };
    })
    .filter(({ index }) => !hidden.has(index));
  return { kind: plot.kind, xType: plot.x.type, series, categories, ...reach(plot, series, categories) };
}

function categoriesOf(plot: PlotData): readonly string[] {
  if (plot.x.type !== 'category') return [];
  return [...new Set(plot.series.flatMap(({ points }) => points.map(([value]) => String(value))))];
}

interface Reach {
  readonly xLow: number;
  readonly xHigh: number;
  readonly yLow: number;
  readonly yHigh: number;
}

function reach(plot: PlotData, series: readonly PlotSeries[], categories: readonly string[]): Reach {
  let [xLow, xHigh, yLow, yHigh] = [Infinity, -Infinity, Infinity, -Infinity];
  for (const { points } of series) {
    for (const { x, y } of points) {
      xLow = Math.min(xLow, x);
      xHigh = Math.max(xHigh, x);
      yLow = Math.min(yLow, y);
      yHigh = Math.max(yHigh, y);
    }
  }
  if (xLow > xHigh) [xLow, xHigh, yLow, yHigh] = [0, 1, 0, 1];
  if (plot.x.type === 'category') [xLow, xHigh] = [-0.5, categories.length - 0.5];
  else if (plot.kind === 'bar') {
    const room = ((xHigh - xLow) / Math.max(1, longest(series) - 1)) * 0.5 || 0.5;
    [xLow, xHigh] = [xLow - room, xHigh + room];
  }
  return { xLow, xHigh: xHigh === xLow ? xLow + 1 : xHigh, ...heights(plot.kind, yLow, yHigh) };
}

/** The length of a bar and the size of an area are read from zero; a line keeps it in sight where that is near. */
function heights(kind: PlotData['kind'], low: number, high: number): Pick<Reach, 'yLow' | 'yHigh'> {
  const grounded = kind === 'bar' || kind === 'area';
  const yLow = grounded || (kind === 'line' && low > 0 && low < high / 2) ? Math.min(0, low) : low;
  const yHigh = grounded ? Math.max(0, high) : high;
  return { yLow, yHigh: yHigh === yLow ? yLow + 1 : yHigh };
}

const longest = (series: readonly PlotSeries[]): number => Math.max(1, ...series.map(({ points }) => points.length));

export interface Slice {
  readonly name: string;
  readonly index: number;
  readonly value: number;
  readonly share: number;
}

/** Of a pie: the points of its one series, or the sums of several. What is not above zero has no slice. */
export function slicesOf(plot: PlotData): readonly Slice[] {
  const first = plot.series[0];
  const raw =
    plot.series.length === 1 && first !== undefined
      ? first.points.map(([name, value]) => ({ name: String(name), value }))
      : plot.series.map(({ name, points }) => ({ name, value: points.reduce((sum, [, value]) => sum + value, 0) }));
  const kept = raw.map((slice, index) => ({ ...slice, index })).filter(({ value }) => value > 0);
  const all = kept.reduce((sum, { value }) => sum + value, 0);
  return kept.map((slice) => ({ ...slice, share: slice.value / all }));
}

/** The places along x at which something can be read, in order. */
export function stopsOf({ series }: PlotModel): readonly number[] {
  return [...new Set(series.flatMap(({ points }) => points.map(({ x }) => x)))].sort((a, b) => a - b);
}

/** The place in an ordered list that is nearest to a value. */
export function nearestIndex(ordered: readonly number[], value: number): number {
  let [low, high] = [0, ordered.length - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((ordered[middle] ?? 0) < value) low = middle + 1;
    else high = middle;
  }
  const before = ordered[low - 1];
  const here = ordered[low];
  return before !== undefined && here !== undefined && value - before < here - value ? low - 1 : low;
}

/** At most two points for each pixel of width: more would be drawn on top of each other. Keeps the lowest and the highest of each stretch. */
export function decimated(points: readonly PlotPoint[], width: number): readonly PlotPoint[] {
  const size = Math.ceil(points.length / Math.max(1, width));
  if (size < 3) return points;
  const kept: PlotPoint[] = [];
  for (let from = 0; from < points.length; from += size) {
    const stretch = points.slice(from, from + size);
    const low = stretch.reduce((best, point) => (point.y < best.y ? point : best));
    const high = stretch.reduce((best, point) => (point.y > best.y ? point : best));
    kept.push(...(low === high ? [low] : low.x <= high.x ? [low, high] : [high, low]));
  }
  return kept;
}
