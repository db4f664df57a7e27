import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { useApp } from '../app-context.ts';
import type { I18n } from '../state/i18n.ts';
import { swatchOf } from './plot-legend.tsx';
import { dashOf, type PlotFrame } from './plot-marks.tsx';
import { nearestIndex, type PlotModel } from './plot-model.ts';
import { Swatch } from './plot-patterns.tsx';
import { dateText } from './table-view.tsx';

/** What is read at one place of a plot. */
export interface Reading {
  readonly title: string;
  readonly values: readonly { readonly index: number; readonly name: string; readonly value: string }[];
  /** From the left edge of the picture, in pixels. */
  readonly left: number;
}

interface ReadingOptions {
  readonly model: PlotModel;
  readonly stops: readonly number[];
  readonly frame: PlotFrame;
  readonly turned: boolean;
}

/** Values under the pointer, or where the arrow keys lead. */
export function usePlotReading({ model, stops, frame, turned }: ReadingOptions) {
  const { i18n } = useApp();
  const [at, setAt] = useState<number | null>(null);
  const now = at === null ? null : readingAt(i18n, model, frame, stops[Math.min(at, stops.length - 1)]);

  function onPointerMove(event: PointerEvent & { readonly currentTarget: HTMLElement }): void {
    const left = event.clientX - event.currentTarget.getBoundingClientRect().left;
    const share = (left - frame.left) / frame.width;
    const value = model.xLow + (turned ? 1 - share : share) * (model.xHigh - model.xLow);
    setAt(stops.length === 0 ? null : nearestIndex(stops, value));
  }

  function onKeyDown(event: KeyboardEvent): void {
    const step = { ArrowLeft: turned ? 1 : -1, ArrowRight: turned ? -1 : 1 }[event.key];
    const last = stops.length - 1;
    if (event.key === 'Escape' && at !== null) {
      setAt(null);
      event.stopPropagation();
    } else if (event.key === 'Home') setAt(0);
    else if (event.key === 'End') setAt(last);
    else if (step !== undefined) setAt(at === null ? (step > 0 ? 0 : last) : Math.min(last, Math.max(0, at + step)));
    else return;
    event.preventDefault();
  }

  return { now, handlers: { onPointerMove, onKeyDown, onPointerLeave: () => setAt(null), onBlur: () => setAt(null) } };
}

function readingAt(i18n: I18n, model: PlotModel, frame: PlotFrame, x: number | undefined): Reading | null {
  if (x === undefined) return null;
  const values = model.series.flatMap(({ index, name, points }) =>
    points.filter((point) => point.x === x).map(({ y }) => ({ index, name, value: i18n.number(y, { maximumFractionDigits: 6 }) })),
  );
  return values.length === 0 ? null : { title: titleOf(i18n, model, x), values: values.slice(0, mostRead), left: frame.x(x) };
}

const mostRead = 12;

function titleOf(i18n: I18n, { xType, categories }: PlotModel, x: number): string {
  if (xType === 'category') return categories[x] ?? '';
  return xType === 'date' ? dateText(i18n, x, x % 86_400_000 === 0) : i18n.number(x, { maximumFractionDigits: 6 });
}

interface ReadingBoxProps {
  readonly reading: Reading | null;
  readonly width: number;
  readonly id: string;
  readonly kind: PlotModel['kind'];
}

/** The values in words, beside the place that they are read at. Always there, so that a change of it is announced. */
export function ReadingBox({ reading, width, id, kind }: ReadingBoxProps) {
  const box = useRef<HTMLDivElement>(null);
  const left = reading?.left ?? 0;
  useLayoutEffect(() => {
    const element = box.current;
    if (element === null) return;
    const room = element.offsetWidth + 12;
    element.style.setProperty('--at', `${Math.round(left + room > width ? Math.max(0, left - room) : left + 12)}px`);
  }, [left, width, reading]);
  return (
    <div ref={box} class="plot-reading" role="status" data-shown={reading === null ? undefined : ''}>
      {reading === null ? null : (
        <>
          <bdi class="plot-reading-title">{reading.title}</bdi>
          {reading.values.map(({ index, name, value }, row) => (
            <span key={row} class="plot-reading-value">
              <Swatch id={id} index={index} kind={swatchOf(kind)} dash={dashOf(index)} />
              <bdi>{name}</bdi>
              <b dir="ltr">{value}</b>
            </span>
          ))}
        </>
      )}
    </div>
  );
}
