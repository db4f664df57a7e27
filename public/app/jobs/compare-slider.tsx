import { useRef, useState } from 'preact/hooks';
import { useApp } from '../app-context.ts';
import type { PictureFile } from '../state/pending-jobs.ts';
import { useStyle } from './use-style.ts';

export interface CompareSliderProps {
  readonly before: PictureFile;
  readonly after: PictureFile;
}

/**
 * Two pictures on top of each other with a line between them that is moved by mouse, finger or keys. The slider is the
 * browser's own: arrows, Page Up and Down, Home and End work, and it runs along the line of text.
 */
export function CompareSlider({ before, after }: CompareSliderProps) {
  const { i18n } = useApp();
  const { t } = i18n;
  const [share, setShare] = useState(50);
  const box = useRef<HTMLDivElement>(null);
  useStyle(box, '--share', `${share}%`);
  return (
    <div ref={box} class="compare">
      <img
        class="compare-before"
        src={before.url}
        alt={t('compare.before')}
        width={before.width}
        height={before.height}
        draggable={false}
      />
      <img class="compare-after" src={after.url} alt={t('compare.after')} width={after.width} height={after.height} draggable={false} />
      <span class="compare-tag" data-side="before" aria-hidden="true" data-faded={share < 18 ? '' : undefined}>
        {t('compare.before')}
      </span>
      <span class="compare-tag" data-side="after" aria-hidden="true" data-faded={share > 82 ? '' : undefined}>
        {t('compare.after')}
      </span>
      <input
        class="compare-range"
        type="range"
        min={0}
        max={100}
        step={1}
        value={share}
        aria-label={t('compare.label')}
        aria-valuetext={t('compare.value', { share: i18n.number(share / 100, { style: 'percent' }) })}
        onInput={(event) => setShare(Number(event.currentTarget.value))}
      />
      <span class="compare-line" aria-hidden="true">
        <span class="compare-grip" />
      </span>
    </div>
  );
}
