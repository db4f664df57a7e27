import { looks, shapeOf } from './plot-marks.tsx';

/** Lines over a filled shape, so that two of them are told apart without colour. */
const hatches = [
  '',
  'M0 8 8 0M-2 2 2-2M6 10 10 6',
  'M0 0 8 8M-2 6 2 10M6-2 10 2',
  'M0 4H8',
  'M4 0V8',
  'M0 8 8 0M0 0 8 8',
  'M2 2h1v1h-1ZM6 6h1v1h-1Z',
] as const;

export const hatchOf = (index: number): string => hatches[index % hatches.length] ?? '';

/** Fills of all looks, for bars, areas and slices. */
export function PlotPatterns({ id }: { readonly id: string }) {
  return (
    <defs>
      {Array.from({ length: looks }, (_, index) => (
        <pattern key={index} id={`${id}-${index}`} width="8" height="8" patternUnits="userSpaceOnUse">
          <rect class="plot-ground" data-look={index} width="8" height="8" />
          <path class="plot-hatch" d={hatchOf(index)} />
        </pattern>
      ))}
    </defs>
  );
}

export type SwatchKind = 'line' | 'dot' | 'fill';

/** The look of a series beside its name. */
export function Swatch({
  id,
  index,
  kind,
  dash,
}: {
  readonly id: string;
  readonly index: number;
  readonly kind: SwatchKind;
  readonly dash: string;
}) {
  const look = index % looks;
  return (
    <svg class="plot-swatch" viewBox="0 0 24 14" aria-hidden="true" focusable="false">
      {kind === 'fill' ? (
        <rect x="4" y="1" width="16" height="12" rx="2" fill={`url(#${id}-${look})`} class="plot-swatch-fill" data-look={look} />
      ) : null}
      {kind === 'line' ? <path class="plot-stroke" data-look={look} d="M1 7H23" stroke-dasharray={dash} /> : null}
      {kind === 'fill' ? null : <path class="plot-dots" data-look={look} d={shapeOf(index)} transform="translate(12 7)" />}
    </svg>
  );
}
