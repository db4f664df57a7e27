import type { Job } from '../../../src/protocol/work-shapes.ts';

interface Sized {
  readonly width?: number | undefined;
  readonly height?: number | undefined;
}

const ratioOf = (size: Sized | undefined): number | null =>
  size?.width === undefined || size.height === undefined || size.width <= 0 || size.height <= 0 ? null : size.width / size.height;

/** Width through height of the picture that a job makes, as far as it can be known now: its room is kept before it is there. */
export function stageRatio(job: Pick<Job, 'files' | 'results' | 'input' | 'params'> | null, results: readonly Sized[]): number {
  const file = (id: string | undefined) => job?.files.find((one) => one.id === id);
  const { width, height } = job?.params ?? {};
  const asked = typeof width === 'number' && typeof height === 'number' ? { width, height } : undefined;
  const sizes = [results[0], file(job?.results[0]), asked, file(job?.input[0])];
  return sizes.map(ratioOf).find((ratio) => ratio !== null) ?? 4 / 3;
}
