import '../../styles/plot.css';
import { useId, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { PlotData } from '../../../src/protocol/surface-shapes.ts';
import { useApp } from '../app-context.ts';
import { Button } from '../ui/button.tsx';
import { PlotAxes, xTicks, yTicks } from './plot-axes.tsx';
import { PlotLegend } from './plot-legend.tsx';
import { type PlotFrame, SeriesMarks } from './plot-marks.tsx';
import { type PlotModel, plotModel, stopsOf } from './plot-model.ts';
import { PlotPatterns } from './plot-patterns.tsx';
import { PlotPie } from './plot-pie.tsx';
import { type Reading, ReadingBox, usePlotReading } from './plot-reading.tsx';
import { plotTable } from './plot-table.ts';
import { TableView } from './table-view.tsx';

export interface PlotViewProps {
  readonly name: string;
  readonly plot: PlotData;
  readonly alt?: string | undefined;
}

/** A plot of a plugin, as a picture or as the table of its values. */
export function PlotView({ name, plot, alt }: PlotViewProps) {
  const { i18n } = useApp();
  const id = useId().replaceAll(':', '');
  const [asTable, setAsTable] = useState(false);
  const [hidden, setHidden] = useState<ReadonlySet<number>>(new Set());
  const table = useMemo(
    () => (asTable ? plotTable(plot, { x: i18n.t('plot.x'), y: i18n.t('plot.y') }) : null),
    [plot, asTable, i18n.locale.value],
  );
  const toggle = (index: number) =>
    setHidden(hidden.has(index) ? new Set([...hidden].filter((one) => one !== index)) : new Set([...hidden, index]));
  return (
    <div class="plot-view">
      {table !== null ? (
        <TableView name={name} table={table} />
      ) : (
        <>
          {plot.kind === 'pie' ? (
            <PlotPie id={id} name={name} plot={plot} alt={alt} />
          ) : (
            <>
              <PlotChart id={id} name={name} plot={plot} hidden={hidden} alt={alt} />
              <PlotLegend id={id} plot={plot} hidden={hidden} onToggle={toggle} />
            </>
          )}
        </>
      )}
      <Button variant="ghost" size="sm" icon={asTable ? 'chart' : 'table'} aria-pressed={asTable} onClick={() => setAsTable(!asTable)}>
        {i18n.t(asTable ? 'plot.asPlot' : 'plot.asTable')}
      </Button>
    </div>
  );
}

export interface PlotChartProps extends PlotViewProps {
  /** Of the page, for the patterns. */
  readonly id: string;
  readonly hidden: ReadonlySet<number>;
}

const height = { narrow: 240, wide: 320 } as const;
const narrowPx = 480;
/** About the width of a digit of the axes, in pixels. */
const digitPx = 7;

function PlotChart({ id, name, plot, hidden, alt }: PlotChartProps) {
  const { i18n } = useApp();
  const box = useRef<HTMLDivElement>(null);
  const width = useWidth(box);
  const model = useMemo(() => plotModel(plot, hidden), [plot, hidden]);
  const stops = useMemo(() => stopsOf(model), [model]);
  // Numbers and time run from left to right in every language; what is only listed follows the line of text.
  const turned = model.xType === 'category' && i18n.direction() === 'rtl';
  const layout = layoutOf(model, { width, turned, ys: yTicks(i18n, model, width < narrowPx ? height.narrow : height.wide) });
  const reading = usePlotReading({ model, stops, frame: layout.frame, turned });
  const summary = alt ?? i18n.t('plot.summary', { name, count: plot.series.length, series: plot.series.map((one) => one.name).join(', ') });
  return (
    <div ref={box} class="plot-box">
      {width === 0 ? null : (
        <>
          {plot.y?.title === undefined ? null : (
            <p class="plot-y-title" data-turned={turned ? '' : undefined}>
              <bdi>{plot.y.title}</bdi>
            </p>
          )}
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: its values are read with the arrow keys */}
          <div class="plot-stage" tabIndex={0} role="group" aria-label={`${summary} ${i18n.t('plot.keys')}`} {...reading.handlers}>
            <svg
              class="plot-picture"
              width={width}
              height={layout.height}
              viewBox={`0 0 ${width} ${layout.height}`}
              aria-hidden="true"
              focusable="false"
            >
              <PlotPatterns id={id} />
              <PlotAxes frame={layout.frame} xs={xTicks(i18n, model, layout.frame.width)} ys={layout.ys} turned={turned} />
              <g class="plot-series" data-pattern={id}>
                {model.series.map((series) => (
                  <SeriesMarks key={series.index} id={id} model={model} series={series} frame={layout.frame} />
                ))}
              </g>
              <ReadingMark reading={reading.now} frame={layout.frame} />
            </svg>
            <ReadingBox reading={reading.now} width={width} id={id} kind={model.kind} />
          </div>
          {plot.x.title === undefined ? null : (
            <p class="plot-x-title">
              <bdi>{plot.x.title}</bdi>
            </p>
          )}
        </>
      )}
    </div>
  );
}

function ReadingMark({ reading, frame }: { readonly reading: Reading | null; readonly frame: PlotFrame }) {
  if (reading === null) return null;
  return <path class="plot-cursor" d={`M${reading.left.toFixed(1)} ${frame.top}v${frame.height}`} />;
}

interface LayoutOptions {
  readonly width: number;
  readonly turned: boolean;
  readonly ys: ReturnType<typeof yTicks>;
}

function layoutOf(model: PlotModel, { width, turned, ys }: LayoutOptions) {
  const whole = width < narrowPx ? height.narrow : height.wide;
  const axis = Math.max(...ys.map(({ label }) => label.length), 1) * digitPx + 14;
  const [top, bottom, edge] = [10, 28, 14];
  const left = turned ? edge : axis;
  const inner = Math.max(40, width - axis - edge);
  const tall = whole - top - bottom;
  const low = ys[0]?.value ?? model.yLow;
  const high = ys.at(-1)?.value ?? model.yHigh;
  const share = (value: number) => (value - model.xLow) / (model.xHigh - model.xLow);
  const frame: PlotFrame = {
    ...{ left, top, width: inner, height: tall },
    x: (value) => left + (turned ? 1 - share(value) : share(value)) * inner,
    y: (value) => top + (1 - (value - low) / (high - low)) * tall,
  };
  return { frame, ys, height: whole };
}

/** The width that there is, in whole pixels; 0 before it is known. */
export function useWidth(box: { readonly current: HTMLElement | null }): number {
  const [width, setWidth] = useState(0);
  useLayoutEffect(() => {
    const element = box.current;
    if (element === null) return;
    setWidth(Math.floor(element.clientWidth));
    const observer = new ResizeObserver(() => setWidth(Math.floor(element.clientWidth)));
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  return width;
}
