import { useRef, useState } from 'preact/hooks';
import { useApp } from '../app-context.ts';
import { dashOf, looks } from './plot-marks.tsx';
import { type Slice, slicesOf } from './plot-model.ts';
import { PlotPatterns, Swatch } from './plot-patterns.tsx';
import type { PlotChartProps } from './plot-view.tsx';

const size = 240;
const radius = 108;

/** Parts of a whole. The words beside it say each share: a slice alone is hard to read. */
export function PlotPie({ id, name, plot, alt }: Omit<PlotChartProps, 'hidden'>) {
  const { i18n } = useApp();
  const [chosen, setChosen] = useState<number | null>(null);
  const stage = useRef<HTMLDivElement>(null);
  const slices = slicesOf(plot);
  const shown = chosen === null ? undefined : slices[Math.min(chosen, slices.length - 1)];
  const percent = (share: number) => i18n.number(share, { style: 'percent', maximumFractionDigits: 1 });

  function onKeyDown(event: KeyboardEvent): void {
    const step = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1 }[event.key];
    if (step === undefined || slices.length === 0) return;
    event.preventDefault();
    setChosen(((chosen ?? (step > 0 ? -1 : 0)) + step + slices.length) % slices.length);
  }

  return (
    <div class="plot-pie">
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: its values are read with the arrow keys */}
      <div
        ref={stage}
        class="plot-stage"
        tabIndex={0}
        role="group"
        aria-label={`${alt ?? name} ${i18n.t('plot.keys')}`}
        onKeyDown={onKeyDown}
        onBlur={() => setChosen(null)}
        onPointerLeave={() => setChosen(null)}
      >
        <svg
          class="plot-picture"
          width={size}
          height={size}
          viewBox={`${-size / 2} ${-size / 2} ${size} ${size}`}
          aria-hidden="true"
          focusable="false"
        >
          <PlotPatterns id={id} />
          {arcsOf(slices).map((path, at) => {
            const look = (slices[at]?.index ?? 0) % looks;
            return (
              <path
                key={slices[at]?.index}
                class="plot-slice"
                data-look={look}
                data-chosen={shown === slices[at] && shown !== undefined ? '' : undefined}
                fill={`url(#${id}-${look})`}
                d={path}
                onPointerEnter={() => setChosen(at)}
              />
            );
          })}
        </svg>
      </div>
      <ul class="plot-shares">
        {slices.map((slice) => (
          <li key={slice.index} class="plot-share" data-chosen={slice === shown ? '' : undefined}>
            <Swatch id={id} index={slice.index} kind="fill" dash={dashOf(slice.index)} />
            <bdi>{slice.name}</bdi>
            <b dir="ltr">{percent(slice.share)}</b>
            <span dir="ltr">{i18n.number(slice.value, { maximumFractionDigits: 6 })}</span>
          </li>
        ))}
      </ul>
      <span class="visually-hidden" role="status">
        {shown === undefined ? '' : `${shown.name}: ${percent(shown.share)}`}
      </span>
    </div>
  );
}

/** From the top, with the clock. */
function arcsOf(slices: readonly Slice[]): readonly string[] {
  let turn = 0;
  const at = (share: number) => {
    const angle = share * 2 * Math.PI - Math.PI / 2;
    return `${(radius * Math.cos(angle)).toFixed(2)} ${(radius * Math.sin(angle)).toFixed(2)}`;
  };
  return slices.map(({ share }) => {
    const from = turn;
    turn += share;
    if (share > 0.9999) return `M0 ${-radius}A${radius} ${radius} 0 1 1 -0.01 ${-radius}Z`;
    return `M0 0L${at(from)}A${radius} ${radius} 0 ${share > 0.5 ? 1 : 0} 1 ${at(turn)}Z`;
  });
}
