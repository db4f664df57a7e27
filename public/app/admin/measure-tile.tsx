import { useMemo, useState } from 'preact/hooks';
import type { Overview } from '../../../src/protocol/shapes.ts';
import { useApp } from '../app-context.ts';
import type { Measure } from './measures.ts';
import { drawPlot, nearest, plotHeight, plotWidth, plotX, pointsOf } from './plot-path.ts';

export interface MeasureTileProps {
  readonly measure: Measure;
  readonly overview: Overview;
}

/** One number of the server, large, with its last hour. Time runs from left to right in every language. */
export function MeasureTile({ measure, overview }: MeasureTileProps) {
  const { i18n } = useApp();
  const { t } = i18n;
  const { key, show, warnAt } = measure;
  const now = overview.numbers[key];
  const points = useMemo(() => pointsOf(overview, key), [overview, key]);
  const plot = useMemo(() => drawPlot(points), [points]);
  const [pointed, setPointed] = useState<number | null>(null);
  const mark = plot === null || pointed === null ? null : nearest(points, pointed);
  const time = (at: number) => i18n.date(new Date(at).toISOString(), { timeStyle: 'short' });
  const name = t(`measure.${key}`);
  const warning = warnAt !== undefined && now !== undefined && now >= warnAt;
  return (
    <li class="tile" data-warning={warning ? '' : undefined}>
      <h3 class="tile-name">{name}</h3>
      <p class="tile-value">
        <bdi>{now === undefined ? '–' : show(i18n, now)}</bdi>
        {warning ? <span class="tile-warning">{t('overview.high')}</span> : null}
      </p>
      {plot === null ? (
        <p class="tile-empty">{t('overview.noData')}</p>
      ) : (
        <>
          <svg
            class="plot"
            viewBox={`0 0 ${plotWidth} ${plotHeight}`}
            preserveAspectRatio="none"
            role="img"
            aria-label={t('overview.plot', {
              name,
              lowest: show(i18n, plot.lowest),
              mean: show(i18n, plot.mean),
              highest: show(i18n, plot.highest),
            })}
            onPointerMove={(event) => {
              const box = event.currentTarget.getBoundingClientRect();
              setPointed(plot.from + ((event.clientX - box.left) / box.width) * (plot.to - plot.from));
            }}
            onPointerLeave={() => setPointed(null)}
          >
            <path class="plot-area" d={plot.area} />
            <path class="plot-line" d={plot.line} />
            {mark === null ? null : <path class="plot-mark" d={`M${plotX(plot, mark.at).toFixed(1)} 0v${plotHeight}`} />}
          </svg>
          <p class="tile-times" dir="ltr" aria-hidden="true">
            {mark === null ? (
              <>
                <bdi>{time(plot.from)}</bdi>
                <bdi class="tile-highest">{t('overview.highest', { value: show(i18n, plot.highest) })}</bdi>
                <bdi>{time(plot.to)}</bdi>
              </>
            ) : (
              <bdi class="tile-mark">
                {time(mark.at)} · {show(i18n, mark.value)}
              </bdi>
            )}
          </p>
        </>
      )}
    </li>
  );
}
