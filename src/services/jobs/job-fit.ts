import { AppError, type ErrorParams } from '../../lib/app-error.ts';
import type { JobEstimate, JobKind, JobTask } from '../ports/job-kinds.ts';

/** The most that one job may take on this server. */
export interface JobCapacity {
  readonly memoryMb: number;
  readonly gpuMemoryMb: number;
  /** Of work. */
  readonly seconds: number;
  /** Of a result: width times height, and each side. */
  readonly maxPixels: number;
  readonly maxSide: number;
}

type Size = { readonly width: number; readonly height: number };

const SEARCH_STEPS = 24;

export function fits(estimate: JobEstimate, capacity: JobCapacity): boolean {
  const { seconds, memoryMb, gpuMemoryMb, output } = estimate;
  if (seconds > capacity.seconds || memoryMb > capacity.memoryMb || gpuMemoryMb > capacity.gpuMemoryMb) return false;
  if (output === undefined) return true;
  return output.width * output.height <= capacity.maxPixels && Math.max(output.width, output.height) <= capacity.maxSide;
}

/**
 * Work that could never be done here is refused before it waits, with what it would take and the largest first picture of the same
 * shape that would do.
 * @throws AppError JOB_TOO_LARGE
 */
export function assertFits(kind: JobKind, task: JobTask, estimate: JobEstimate, capacity: JobCapacity): void {
  if (fits(estimate, capacity)) return;
  const largest = largestFit(kind, task, capacity);
  const params: Record<string, number> = { seconds: Math.ceil(estimate.seconds), memoryMb: Math.ceil(estimate.memoryMb) };
  if (largest !== null) Object.assign(params, { maxWidth: largest.width, maxHeight: largest.height });
  throw new AppError('JOB_TOO_LARGE', { params: params satisfies ErrorParams });
}

/** @returns the size of the first picture when all are made smaller by the same factor; null when no size helps */
export function largestFit(kind: JobKind, task: JobTask, capacity: JobCapacity): Size | null {
  const [first] = task.pictures;
  if (first === undefined) return null;
  const doesAt = (factor: number) => {
    const pictures = task.pictures.map((size) => scaled(size, factor));
    return fits(kind.estimate({ ...task, pictures }), capacity);
  };
  // An estimate need not grow evenly (tiles), so the search ends at a size that was tried, not at one between two.
  let fitting = 0;
  let high = 1;
  for (let step = 0; step < SEARCH_STEPS; step += 1) {
    const middle = (fitting + high) / 2;
    if (doesAt(middle)) fitting = middle;
    else high = middle;
  }
  return fitting === 0 ? null : scaled(first, fitting);
}

function scaled({ width, height }: Size, factor: number): Size {
  return { width: Math.max(1, Math.floor(width * factor)), height: Math.max(1, Math.floor(height * factor)) };
}
