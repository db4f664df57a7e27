import type { Overview } from '../../../src/protocol/shapes.ts';
import { useApp } from '../app-context.ts';
import { furtherMeasures, type Measure, measures } from './measures.ts';
import { drawPlot, pointsOf } from './plot-path.ts';

/** The same numbers for those who would rather read than look. */
export function MeasureTable({ overview }: { readonly overview: Overview }) {
  const { i18n } = useApp();
  const { t } = i18n;
  const columns = ['now', 'lowest', 'mean', 'highest'] as const;
  return (
    <div class="table-scroll" role="region" aria-label={t('overview.table')} tabIndex={0}>
      <table class="table">
        <caption class="visually-hidden">{t('overview.table')}</caption>
        <thead>
          <tr>
            <th scope="col">{t('overview.column.name')}</th>
            {columns.map((column) => (
              <th key={column} scope="col" class="table-number">
                {t(`overview.column.${column}`)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {[...measures, ...furtherMeasures].map((measure) => (
            <MeasureRow key={measure.key} measure={measure} overview={overview} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function MeasureRow({ measure: { key, show }, overview }: { readonly measure: Measure; readonly overview: Overview }) {
  const { i18n } = useApp();
  const plot = drawPlot(pointsOf(overview, key));
  const cells = [overview.numbers[key], plot?.lowest, plot?.mean, plot?.highest];
  return (
    <tr>
      <th scope="row">{i18n.t(`measure.${key}`)}</th>
      {cells.map((value, index) => (
        <td key={index} class="table-number">
          <bdi>{value === undefined ? '–' : show(i18n, value)}</bdi>
        </td>
      ))}
    </tr>
  );
}
