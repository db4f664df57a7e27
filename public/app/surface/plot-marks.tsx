import { decimated, type PlotModel, type PlotPoint, type PlotSeries } from './plot-model.ts';

/** The box inside the axes, in pixels, and where values lie in it. */
export interface PlotFrame {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
  readonly x: (value: number) => number;
  readonly y: (value: number) => number;
}

/** As many looks as there may be series; colour, dash, mark and pattern each tell them apart alone. */
export const looks = 12;
const dashes = ['', '6 4', '2 3', '10 4 2 4', '12 5', '4 2 1 2'] as const;
export const dashOf = (index: number): string => dashes[index % dashes.length] ?? '';

/** Marks that differ in shape: where each begins beside its point, and its way from there. */
const shapes = [
  { dx: -4, dy: 0, way: 'a4 4 0 1 0 8 0a4 4 0 1 0-8 0Z' },
  { dx: -3.5, dy: -3.5, way: 'h7v7h-7Z' },
  { dx: 0, dy: -4.5, way: 'l4.2 7.7h-8.4Z' },
  { dx: 0, dy: -5, way: 'l5 5-5 5-5-5Z' },
  { dx: -3.5, dy: -3.5, way: 'l7 7m0-7-7 7' },
  { dx: 0, dy: -4.5, way: 'v9m-4.5-4.5h9' },
] as const;

/** One mark round the origin. */
export function shapeOf(index: number): string {
  const { dx, dy, way } = shapes[index % shapes.length] ?? shapes[0];
  return `M${dx} ${dy}${way}`;
}

/** More points than this are drawn without marks on their line. */
const mostMarks = 40;
const fixed = (value: number): string => value.toFixed(1);

export interface SeriesMarksProps {
  /** Of the patterns. */
  readonly id: string;
  readonly model: PlotModel;
  readonly series: PlotSeries;
  readonly frame: PlotFrame;
}

export function SeriesMarks({ id, model, series, frame }: SeriesMarksProps) {
  switch (model.kind) {
    case 'bar':
      return <Bars id={id} model={model} series={series} frame={frame} />;
    case 'scatter':
      return <path class="plot-dots" data-look={series.index % looks} d={dotsPath(series, frame)} />;
    default:
      return <Line id={id} series={series} frame={frame} filled={model.kind === 'area'} />;
  }
}

/** All marks of a series as one path: thousands of elements would be slow. */
function dotsPath({ points, index }: PlotSeries, { x, y }: PlotFrame): string {
  const { dx, dy, way } = shapes[index % shapes.length] ?? shapes[0];
  return points.map((point) => `M${fixed(x(point.x) + dx)} ${fixed(y(point.y) + dy)}${way}`).join('');
}

interface LineProps {
  readonly id: string;
  readonly series: PlotSeries;
  readonly frame: PlotFrame;
  readonly filled: boolean;
}

function Line({ id, series, frame, filled }: LineProps) {
  const { x, y, top, height, width } = frame;
  const points = decimated(series.points, width);
  const first = points[0];
  const last = points.at(-1);
  if (first === undefined || last === undefined) return null;
  const at = (point: PlotPoint) => `${fixed(x(point.x))} ${fixed(y(point.y))}`;
  const path = `M${points.map(at).join('L')}`;
  const ground = fixed(Math.min(top + height, Math.max(top, y(0))));
  const look = series.index % looks;
  return (
    <g data-look={look}>
      {filled ? (
        <path class="plot-fill" fill={`url(#${id}-${look})`} d={`${path}L${fixed(x(last.x))} ${ground}L${fixed(x(first.x))} ${ground}Z`} />
      ) : null}
      <path class="plot-stroke" data-look={look} d={path} stroke-dasharray={dashOf(series.index)} />
      {points.length <= mostMarks ? <path class="plot-dots" data-look={look} d={dotsPath({ ...series, points }, frame)} /> : null}
    </g>
  );
}

function Bars({ id, model, series, frame }: SeriesMarksProps) {
  const { x, y } = frame;
  const place = model.series.findIndex(({ index }) => index === series.index);
  const slots = model.xType === 'category' ? model.categories.length : Math.max(1, ...model.series.map(({ points }) => points.length));
  const group = Math.min(72 * model.series.length, (frame.width / Math.max(1, slots)) * 0.76);
  const width = Math.max(1, group / model.series.length);
  const ground = y(0);
  const turned = x(1) < x(0);
  const bars = series.points.map((point) => {
    const slot = turned ? model.series.length - 1 - place : place;
    const from = x(point.x) - group / 2 + slot * width;
    const [high, low] = [Math.min(y(point.y), ground), Math.max(y(point.y), ground)];
    return `M${fixed(from)} ${fixed(high)}h${fixed(Math.max(1, width - 1))}V${fixed(low)}h${fixed(-Math.max(1, width - 1))}Z`;
  });
  return <path class="plot-bars" data-look={series.index % looks} fill={`url(#${id}-${series.index % looks})`} d={bars.join('')} />;
}
