import { type ConvertOptions, convertExport, ExportRefused } from './convert-export.ts';
import type { FromWorker, ToWorker } from './worker-messages.ts';

/** Exports may be hundreds of megabytes: they are read beside the page, which stays quick. */
const say = (message: FromWorker): void => postMessage(message);

addEventListener('message', ({ data }: MessageEvent<ToWorker>) => {
  const { file, ...options } = data;
  let told = 0;
  const progress: ConvertOptions['progress'] = (read) => {
    if (read - told < file.size / 100) return;
    told = read;
    say({ type: 'progress', read });
  };
  convertExport(file, { ...options, progress }).then(
    (converted) => say({ type: 'done', converted }),
    (cause: unknown) => say({ type: 'refused', reason: cause instanceof ExportRefused ? cause.reason : 'broken' }),
  );
});
