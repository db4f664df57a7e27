import { boxMean } from './box-mean.ts';
import { createPace } from './pace.ts';
import type { Picture } from './picture.ts';
import { peakOf, toRgb } from './picture-parts.ts';
import { createPlane, type Plane } from './plane.ts';
import { pictureRows, resampleRows } from './resample.ts';

export interface GuidedFilterOptions {
  /** Of the windows, in pixels of the plane. */
  readonly radius: number;
  /** Contrast of colours (0..1, squared) below which the guide counts as flat, e.g. 1e-4. */
  readonly epsilon: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Makes the edges of a plane follow the edges of a picture: in every window the result is a linear function of the
 * picture's colours (He, Sun and Tang: Guided Image Filtering, 2013, with a colour guide). The plane may be smaller than
 * the guide: the linear functions are then found at its size and used at the guide's (the fast form, 2015), which costs
 * little memory and keeps fine hair. Alpha of the guide is not looked at.
 * @returns of the guide's size; not clipped
 */
export async function guidedFilter(guide: Picture, plane: Plane, options: GuidedFilterOptions): Promise<Plane> {
  const rgb = toRgb(guide);
  const functions = await localFunctions(await channelPlanes(rgb, plane, options.signal), plane, options);
  return applyFunctions(rgb, functions, options.signal);
}

type Planes = readonly [Plane, Plane, Plane];

/** Red, green and blue as planes of 0..1, reduced to a size. */
async function channelPlanes(rgb: Picture, { width, height }: Plane, signal: AbortSignal | undefined): Promise<Planes> {
  const planes: Planes = [createPlane(width, height), createPlane(width, height), createPlane(width, height)];
  const part = 1 / peakOf(rgb);
  await resampleRows(pictureRows(rgb), { width, height }, { kernel: 'bilinear', signal }, (y, row) => {
    planes.forEach(({ data }, c) => {
      for (let x = 0, at = y * width; x < width; x += 1, at += 1) data[at] = (row[x * 3 + c] ?? 0) * part;
    });
  });
  return planes;
}

/** For every pixel the mean of the linear functions of the windows that hold it: three slopes and an offset, interleaved. */
async function localFunctions(guide: Planes, plane: Plane, { radius, epsilon, signal }: GuidedFilterOptions): Promise<Plane> {
  const { width, height } = plane;
  const pace = createPace(signal);
  const mean = async (of: Plane) => {
    await pace();
    return boxMean(of, radius).data;
  };
  const moments: Float32Array[] = [];
  for (const factors of momentsOf(guide, plane)) moments.push(await mean(product(...factors)));
  const slopes = [createPlane(width, height), createPlane(width, height), createPlane(width, height), createPlane(width, height)] as const;
  solveAll(moments, epsilon, slopes);
  const interleaved = new Float32Array(plane.data.length * 4);
  for (const [c, slope] of slopes.entries()) {
    const data = await mean(slope);
    for (let i = 0, to = c; i < data.length; i += 1, to += 4) interleaved[to] = data[i] ?? 0;
  }
  return { width, height, data: interleaved };
}

/** What `solve` wants the means of, in its order. */
function momentsOf([r, g, b]: Planes, p: Plane): readonly (readonly [Plane, Plane?])[] {
  return [[r], [g], [b], [p], [r, p], [g, p], [b, p], [r, r], [r, g], [r, b], [g, g], [g, b], [b, b]];
}

function product(a: Plane, b?: Plane): Plane {
  if (b === undefined) return a;
  const result = createPlane(a.width, a.height);
  for (let i = 0; i < result.data.length; i += 1) result.data[i] = (a.data[i] ?? 0) * (b.data[i] ?? 0);
  return result;
}

function solveAll(moments: readonly Float32Array[], epsilon: number, slopes: readonly [Plane, Plane, Plane, Plane]): void {
  const [{ data: red }, { data: green }, { data: blue }, { data: offset }] = slopes;
  const here = new Float64Array(moments.length);
  const solution = new Float64Array(slopes.length);
  const count = moments[0]?.length ?? 0;
  for (let i = 0; i < count; i += 1) {
    for (let k = 0; k < here.length; k += 1) here[k] = moments[k]?.[i] ?? 0;
    solve(here, epsilon, solution);
    red[i] = solution[0] ?? 0;
    green[i] = solution[1] ?? 0;
    blue[i] = solution[2] ?? 0;
    offset[i] = solution[3] ?? 0;
  }
}

/** The linear function of one window from its means: of r g b p, then of rp gp bp, then of rr rg rb gg gb bb. */
function solve(means: Float64Array, epsilon: number, solution: Float64Array): void {
  const m = (k: number) => means[k] ?? 0;
  const r = m(0);
  const g = m(1);
  const b = m(2);
  // The covariances of the colours with the plane, and of the colours: the symmetric matrix [a b1 c; b1 d e; c e f].
  const u = m(4) - r * m(3);
  const v = m(5) - g * m(3);
  const w = m(6) - b * m(3);
  const a = m(7) - r * r + epsilon;
  const b1 = m(8) - r * g;
  const c = m(9) - r * b;
  const d = m(10) - g * g + epsilon;
  const e = m(11) - g * b;
  const f = m(12) - b * b + epsilon;
  // Its inverse, times [u v w].
  const m11 = d * f - e * e;
  const m12 = c * e - b1 * f;
  const m13 = b1 * e - c * d;
  const m22 = a * f - c * c;
  const m23 = b1 * c - a * e;
  const m33 = a * d - b1 * b1;
  const part = 1 / (a * m11 + b1 * m12 + c * m13);
  const sr = (m11 * u + m12 * v + m13 * w) * part;
  const sg = (m12 * u + m22 * v + m23 * w) * part;
  const sb = (m13 * u + m23 * v + m33 * w) * part;
  solution[0] = sr;
  solution[1] = sg;
  solution[2] = sb;
  solution[3] = m(3) - sr * r - sg * g - sb * b;
}

async function applyFunctions(rgb: Picture, { width, height, data }: Plane, signal: AbortSignal | undefined): Promise<Plane> {
  const result = createPlane(rgb.width, rgb.height);
  const part = 1 / peakOf(rgb);
  const readRow = (y: number, target: Float32Array) => target.set(data.subarray(y * width * 4, (y + 1) * width * 4));
  await resampleRows({ width, height, channels: 4, readRow }, rgb, { kernel: 'bilinear', signal }, (y, row) => {
    for (let x = 0, at = y * rgb.width, from = at * 3; x < rgb.width; x += 1, at += 1, from += 3) {
      const slope = x * 4;
      const red = (row[slope] ?? 0) * (rgb.data[from] ?? 0);
      const green = (row[slope + 1] ?? 0) * (rgb.data[from + 1] ?? 0);
      const blue = (row[slope + 2] ?? 0) * (rgb.data[from + 2] ?? 0);
      result.data[at] = (red + green + blue) * part + (row[slope + 3] ?? 0);
    }
  });
  return result;
}
