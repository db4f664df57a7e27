/** The middle of the values; the mean of the two middle ones of an even number. NaN of none. */
export function medianOf(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? upper) + upper) / 2;
}

export interface Line {
  readonly intercept: number;
  readonly slope: number;
}

/**
 * A line through points of which up to a quarter may be nonsense (Theil 1950, Sen 1968): the median of the slopes of all pairs.
 * Quadratic: for few points.
 * @returns null when no two points differ in x
 */
export function lineThrough(points: readonly (readonly [x: number, y: number])[]): Line | null {
  const slopes: number[] = [];
  for (const [index, [x, y]] of points.entries())
    for (const [laterX, laterY] of points.slice(index + 1)) if (laterX !== x) slopes.push((laterY - y) / (laterX - x));
  if (slopes.length === 0) return null;
  const slope = medianOf(slopes);
  return { slope, intercept: medianOf(points.map(([x, y]) => y - slope * x)) };
}
