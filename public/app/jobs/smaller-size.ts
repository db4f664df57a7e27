import type { PendingJob } from '../state/pending-jobs.ts';

export interface Size {
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
