import { transferFile } from '../browser/transfer-file.ts';
import type { PendingJob, PictureFile } from '../state/pending-jobs.ts';
import { RequestError } from '../state/request-error.ts';

interface Size {
  readonly width: number;
  readonly height: number;
}

/** The largest size of the picture that the refusal says would fit; null where it says none, or the picture is no larger. */
export function smallerSize({ error, files }: Pick<PendingJob, 'error' | 'files'>): Size | null {
  const { maxWidth, maxHeight } = error?.details.params ?? {};
  const { width, height } = files[0] ?? {};
  if (files.length !== 1 || width === undefined || height === undefined) return null;
  if (typeof maxWidth !== 'number' || typeof maxHeight !== 'number' || maxWidth < 1 || maxHeight < 1) return null;
  const share = Math.min(maxWidth / width, maxHeight / height);
  if (share >= 1) return null;
  return { width: Math.max(1, Math.floor(width * share)), height: Math.max(1, Math.floor(height * share)) };
}

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
