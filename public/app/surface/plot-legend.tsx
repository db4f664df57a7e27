import type { PlotData } from '../../../src/protocol/surface-shapes.ts';
import { useApp } from '../app-context.ts';
import { dashOf } from './plot-marks.tsx';
import { Swatch, type SwatchKind } from './plot-patterns.tsx';

export interface PlotLegendProps {
  readonly id: string;
  readonly plot: PlotData;
  readonly hidden: ReadonlySet<number>;
  readonly onToggle: (index: number) => void;
}

export const swatchOf = (kind: PlotData['kind']): SwatchKind => (kind === 'scatter' ? 'dot' : kind === 'line' ? 'line' : 'fill');

/** What is what: each series with its look. A press hides it and shows it again. */
export function PlotLegend({ id, plot, hidden, onToggle }: PlotLegendProps) {
  const { i18n } = useApp();
  const names = plot.series.map(({ name }) => name);
  if (names.length < 2) return null;
  return (
    <ul class="plot-legend" aria-label={i18n.t('plot.legend')}>
      {names.map((name, index) => (
        <li key={index}>
          <button type="button" class="plot-legend-item" aria-pressed={!hidden.has(index)} onClick={() => onToggle(index)}>
            <Swatch id={id} index={index} kind={swatchOf(plot.kind)} dash={dashOf(index)} />
            <bdi>{name}</bdi>
          </button>
        </li>
      ))}
    </ul>
  );
}
