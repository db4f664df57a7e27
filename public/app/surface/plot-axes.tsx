import type { I18n } from '../state/i18n.ts';
import type { PlotFrame } from './plot-marks.tsx';
import type { PlotModel } from './plot-model.ts';
import { niceTicks, type TimeTicks, thinned, timeTicks } from './plot-scale.ts';

export interface AxisTick {
  readonly value: number;
  readonly label: string;
}

/** Large numbers short, small ones as they are. */
export function shortNumber(i18n: I18n, value: number): string {
  return i18n.number(value, Math.abs(value) >= 10_000 ? { notation: 'compact', maximumFractionDigits: 1 } : { maximumFractionDigits: 6 });
}

const timeFormats: Record<TimeTicks['unit'], Intl.DateTimeFormatOptions> = {
  second: { hour: 'numeric', minute: '2-digit', second: '2-digit' },
  minute: { hour: 'numeric', minute: '2-digit' },
  day: { day: 'numeric', month: 'short' },
  month: { month: 'short', year: 'numeric' },
  year: { year: 'numeric' },
};

/** Months and years of another calendar do not begin at a tick: it takes the next smaller piece as well. */
function exactUnit(i18n: I18n, unit: TimeTicks['unit']): TimeTicks['unit'] {
  if (i18n.locale.value !== 'fa' || (unit !== 'month' && unit !== 'year')) return unit;
  return unit === 'month' ? 'day' : 'month';
}

/** @param room pixels along the axis */
export function xTicks(i18n: I18n, { xType, xLow, xHigh, categories }: PlotModel, room: number): readonly AxisTick[] {
  const wanted = Math.max(2, Math.floor(room / 90));
  if (xType === 'category') {
    const all = categories.map((label, value) => ({ value, label: label.length > 14 ? `${label.slice(0, 13)}…` : label }));
    const longest = Math.max(1, ...all.map(({ label }) => label.length));
    return thinned(all, Math.floor(room / Math.max(36, longest * 7.5)));
  }
  if (xType === 'date') {
    const { ticks, unit } = timeTicks(xLow, xHigh, wanted);
    const format = { ...timeFormats[exactUnit(i18n, unit)], timeZone: 'UTC' };
    return ticks.map((value) => ({ value, label: i18n.date(new Date(value).toISOString(), format) }));
  }
  const inside = niceTicks(xLow, xHigh, wanted).filter((value) => value >= xLow && value <= xHigh);
  return inside.map((value) => ({ value, label: shortNumber(i18n, value) }));
}

/** They reach beyond the values, so that these never touch the edge. */
export function yTicks(i18n: I18n, { yLow, yHigh }: PlotModel, room: number): readonly AxisTick[] {
  return niceTicks(yLow, yHigh, Math.max(2, Math.floor(room / 48))).map((value) => ({ value, label: shortNumber(i18n, value) }));
}

const edgePx = 28;

/** A label at the edge of the picture stays in it. */
function anchorOf(at: number, { left, width }: PlotFrame): 'start' | 'middle' | 'end' {
  if (at < left + edgePx) return 'start';
  return at > left + width - edgePx / 2 ? 'end' : 'middle';
}

export interface PlotAxesProps {
  readonly frame: PlotFrame;
  readonly xs: readonly AxisTick[];
  readonly ys: readonly AxisTick[];
  /** The line of values stands at the end of the page's own line of text. */
  readonly turned: boolean;
}

export function PlotAxes({ frame, xs, ys, turned }: PlotAxesProps) {
  const { left, top, width, height, x, y } = frame;
  const bottom = top + height;
  return (
    <g class="plot-axes" aria-hidden="true">
      {ys.map(({ value, label }) => (
        <g key={value}>
          <path class={value === 0 ? 'plot-zero' : 'plot-grid'} d={`M${left} ${y(value).toFixed(1)}h${width}`} />
          <text x={turned ? left + width + 8 : left - 8} y={y(value)} dy="0.32em" text-anchor={turned ? 'start' : 'end'} direction="ltr">
            {label}
          </text>
        </g>
      ))}
      {xs.map(({ value, label }) => (
        <text key={value} x={x(value)} y={bottom + 18} text-anchor={anchorOf(x(value), frame)} direction="ltr">
          {label}
        </text>
      ))}
    </g>
  );
}
