import { useApp } from '../app-context.ts';
import type { PictureFile } from '../state/pending-jobs.ts';
import { CompareSlider } from './compare-slider.tsx';

/** Both with a line between them where there are two, the result alone where it was made of nothing. */
export function ResultPicture({ input, result }: { readonly input: PictureFile | undefined; readonly result: PictureFile }) {
  const { i18n } = useApp();
  if (input !== undefined) return <CompareSlider before={input} after={result} />;
  return (
    <img class="job-picture" src={result.url} alt={i18n.t('job.result')} width={result.width} height={result.height} decoding="async" />
  );
}
