import { createPace, createPicture, type Picture, type PictureSize } from '#core';
import { forwardDct, inverseDct } from './block-dct.ts';

/**
 * Noise removed by thresholding cosine transforms of overlapping blocks (Yu and Sapiro: DCT image denoising, IPOL 2011): colours are
 * decorrelated, each 8 x 8 block keeps the waves that stand above the noise, and every pixel is the weighted mean of the blocks it lies in.
 */

const side = 8;
const area = side * side;
/** Waves below so many deviations of the noise are taken for noise; 2.7 to 3 is usual. */
const threshold = 2.7;
/** Rows that are worked on at once, so that memory does not follow the picture. */
const stripRows = 128;

export interface DenoiseOptions {
  /** Between blocks, in pixels: 1, 2 or 4. Smaller is a little better and costs its square. */
  readonly step: number;
  /** Deviation of the noise in each of the three decorrelated channels, 0..255. */
  readonly sigmas: readonly [number, number, number];
  readonly signal: AbortSignal;
  readonly onProgress: (part: number) => void;
}

/** Rows of the orthonormal matrix that decorrelates colours: brightness, red against blue, green against both. */
const opponents = [
  [1 / Math.sqrt(3), 1 / Math.sqrt(3), 1 / Math.sqrt(3)],
  [1 / Math.sqrt(2), 0, -1 / Math.sqrt(2)],
  [1 / Math.sqrt(6), -2 / Math.sqrt(6), 1 / Math.sqrt(6)],
] as const;

/** One row of the picture in decorrelated colours, as three rows one after the other. */
function decorrelate(picture: Picture, y: number, target: Float32Array): void {
  const { width, data } = picture;
  opponents.forEach(([red, green, blue], channel) => {
    for (let x = 0, from = y * width * 3, to = channel * width; x < width; x += 1, from += 3, to += 1)
      target[to] = red * (data[from] ?? 0) + green * (data[from + 1] ?? 0) + blue * (data[from + 2] ?? 0);
  });
}

/**
 * The deviation of the noise in each decorrelated channel: the median of the finest diagonal detail (Donoho), which edges hardly move.
 * @param rgb 8 bit
 */
export function noiseOf(rgb: Picture): [number, number, number] {
  const { width, height } = rgb;
  const pairs = Math.floor(width / 2);
  // Four million pixels are sample enough.
  const every = 2 * Math.max(1, Math.round((width * height) / 4e6));
  const upper = new Float32Array(width * 3);
  const lower = new Float32Array(width * 3);
  const details = [0, 1, 2].map(() => new Float32Array(pairs * Math.ceil((height - 1) / every)));
  let count = 0;
  for (let y = 0; y + 1 < height; y += every) {
    decorrelate(rgb, y, upper);
    decorrelate(rgb, y + 1, lower);
    for (let x = 0; x < pairs; x += 1, count += 1) {
      for (let c = 0; c < 3; c += 1) {
        const at = c * width + 2 * x;
        const detail = ((upper[at] ?? 0) - (upper[at + 1] ?? 0) - (lower[at] ?? 0) + (lower[at + 1] ?? 0)) / 2;
        const values = details[c];
        if (values !== undefined) values[count] = Math.abs(detail);
      }
    }
  }
  const deviation = (values: Float32Array | undefined) => {
    const sorted = (values ?? new Float32Array()).subarray(0, count).sort();
    return (sorted[count >> 1] ?? 0) / 0.6745;
  };
  return [deviation(details[0]), deviation(details[1]), deviation(details[2])];
}

/** Where blocks begin along an axis: every `step`, and one at the very end. */
function starts(length: number, step: number): number[] {
  const last = length - side;
  const found = Array.from({ length: Math.floor(last / step) + 1 }, (_, index) => index * step);
  return found.at(-1) === last ? found : [...found, last];
}

interface Strip {
  /** First row of the strip's memory, and how many there are. */
  readonly top: number;
  readonly rows: number;
  /** For each channel: values, and what the blocks say. */
  readonly values: readonly Float32Array[];
  readonly sums: readonly Float32Array[];
  readonly weights: readonly Float32Array[];
}

function readStrip(rgb: Picture, from: number, to: number): Strip {
  const { width } = rgb;
  const top = Math.max(0, from - side + 1);
  const rows = Math.min(rgb.height, to + side - 1) - top;
  const plane = () => [0, 1, 2].map(() => new Float32Array(width * rows));
  const values = plane();
  const row = new Float32Array(width * 3);
  for (let y = 0; y < rows; y += 1) {
    decorrelate(rgb, top + y, row);
    values.forEach((target, c) => {
      target.set(row.subarray(c * width, (c + 1) * width), y * width);
    });
  }
  return { top, rows, values, sums: plane(), weights: plane() };
}

/** One block: transformed, cut, transformed back and added. Few waves left mean little noise left, so those blocks count more. */
function addBlock(
  block: Float32Array,
  { values, sums, weights }: { values: Float32Array; sums: Float32Array; weights: Float32Array },
  { at, width, limit }: { at: number; width: number; limit: number },
): void {
  for (let y = 0, from = at, to = 0; y < side; y += 1, from += width)
    for (let x = 0; x < side; x += 1, to += 1) block[to] = values[from + x] ?? 0;
  forwardDct(block);
  let kept = 1;
  for (let i = 1; i < area; i += 1) {
    if (Math.abs(block[i] ?? 0) < limit) block[i] = 0;
    else kept += 1;
  }
  inverseDct(block);
  const weight = 1 / kept;
  for (let y = 0, to = at, from = 0; y < side; y += 1, to += width) {
    for (let x = 0; x < side; x += 1, from += 1) {
      sums[to + x] = (sums[to + x] ?? 0) + weight * (block[from] ?? 0);
      weights[to + x] = (weights[to + x] ?? 0) + weight;
    }
  }
}

function writeStrip(result: Picture, { top, values, sums, weights }: Strip, from: number, to: number): void {
  const { width, data } = result;
  for (let y = from; y < to; y += 1) {
    for (let x = 0, at = (y - top) * width, out = y * width * 3; x < width; x += 1, at += 1, out += 3) {
      const clean = [0, 1, 2].map((c) => {
        const weight = weights[c]?.[at] ?? 0;
        return weight === 0 ? (values[c]?.[at] ?? 0) : (sums[c]?.[at] ?? 0) / weight;
      });
      for (let c = 0; c < 3; c += 1) {
        const value = opponents.reduce((sum, row, channel) => sum + (row[c] ?? 0) * (clean[channel] ?? 0), 0) + 0.5;
        data[out + c] = value < 0 ? 0 : value > 255 ? 255 : value;
      }
    }
  }
}

/** @param rgb 8 bit; a picture of less than 8 pixels a side is given back as it is */
export async function denoiseByDct(rgb: Picture, options: DenoiseOptions): Promise<Picture> {
  const { width, height } = rgb satisfies PictureSize;
  if (Math.min(width, height) < side) return rgb;
  const { step, sigmas, signal, onProgress } = options;
  const pace = createPace(signal);
  const result = createPicture(width, height, 3);
  const block = new Float32Array(area);
  const columns = starts(width, step);
  const rows = starts(height, step);
  for (let from = 0; from < height; from += stripRows) {
    const to = Math.min(height, from + stripRows);
    const strip = readStrip(rgb, from, to);
    // Blocks lie on one grid whatever the strips: a pixel gets the same blocks everywhere, and strips leave no seam.
    for (const row of rows.filter((one) => one >= strip.top && one + side <= strip.top + strip.rows)) {
      for (let c = 0; c < 3; c += 1) {
        const [values, sums, weights] = [strip.values[c], strip.sums[c], strip.weights[c]];
        const limit = threshold * (sigmas[c] ?? 0);
        if (values === undefined || sums === undefined || weights === undefined || limit === 0) continue;
        const start = (row - strip.top) * width;
        for (const column of columns) addBlock(block, { values, sums, weights }, { at: start + column, width, limit });
      }
      await pace();
    }
    writeStrip(result, strip, from, to);
    onProgress(to / height);
  }
  return result;
}
