import { transferFile } from '../browser/transfer-file.ts';
import type { PendingJob, PictureFile } from '../state/pending-jobs.ts';
import { RequestError } from '../state/request-error.ts';
import type { Size } from './smaller-size.ts';

/** Makes a smaller copy in the browser and sends it up. @throws RequestError */
export async function sendSmaller({ files }: Pick<PendingJob, 'files'>, size: Size): Promise<PictureFile> {
  const file = files[0];
  if (file === undefined) throw new RequestError('NOT_FOUND');
  const blob = await shrink(file.url, size);
  const name = `${(file.name ?? 'picture').replace(/\.\w+$/, '')}-${size.width}x${size.height}.png`;
  return transferFile(new File([blob], name, { type: 'image/png' }), () => {}, new AbortController().signal);
}

async function shrink(url: string, { width, height }: Size): Promise<Blob> {
  try {
    const answer = await fetch(url, { credentials: 'same-origin' });
    const bitmap = await createImageBitmap(await answer.blob(), { resizeWidth: width, resizeHeight: height, resizeQuality: 'high' });
    const canvas = document.createElement('canvas');
    Object.assign(canvas, { width, height });
    canvas.getContext('2d')?.drawImage(bitmap, 0, 0);
    bitmap.close();
    const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, 'image/png'));
    if (blob !== null) return blob;
  } catch (cause) {
    throw new RequestError('IMAGE_UNREADABLE', String(cause));
  }
  throw new RequestError('IMAGE_UNREADABLE');
}
