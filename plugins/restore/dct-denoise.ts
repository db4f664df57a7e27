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
  readonly noise: NoiseSpectra;
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

/** Of the waves of one channel, the deviation of the noise in each; the first, the mean, has none. 0..255 */
export type NoiseSpectrum = Float32Array;
export type NoiseSpectra = readonly [NoiseSpectrum, NoiseSpectrum, NoiseSpectrum];

/** How many blocks are looked at, at most. */
const mostSamples = 6000;
/** This part of the blocks shows less of a wave than the rest; in most pictures it is smooth enough to show noise only. */
const quietPart = 0.25;
/** What the deviation of Gaussian noise is divided by to get the bound of its quietest quarter. */
const quietBound = 0.3186;

/**
 * The noise in each wave: how strong that wave is in the quieter blocks. So noise in spots, as cameras give it after their own smoothing, is
 * told from noise in single pixels.
 * @param rgb 8 bit
 */
export function noiseOf(rgb: Picture): NoiseSpectra {
  const { width, height } = rgb;
  const across = Math.floor(width / side);
  const down = Math.floor(height / side);
  const every = Math.max(1, Math.ceil(Math.sqrt((across * down) / mostSamples)));
  const found = [0, 1, 2].map(() => Array.from({ length: area }, (): number[] => []));
  const rows = new Float32Array(side * width * 3);
  const block = new Float32Array(area);
  for (let row = 0; row < down; row += every) {
    for (let y = 0; y < side; y += 1) decorrelate(rgb, row * side + y, rows.subarray(y * width * 3, (y + 1) * width * 3));
    for (let column = 0; column < across; column += every) {
      for (let c = 0; c < 3; c += 1) {
        for (let i = 0; i < area; i += 1) block[i] = rows[(i >> 3) * width * 3 + c * width + column * side + (i & 7)] ?? 0;
        forwardDct(block);
        for (let i = 1; i < area; i += 1) found[c]?.[i]?.push(Math.abs(block[i] ?? 0));
      }
    }
  }
  const spectrum = (waves: readonly number[][] | undefined) => withoutScenery(Float32Array.from(waves ?? [], deviationOf));
  return [spectrum(found[0]), spectrum(found[1]), spectrum(found[2])];
}

function deviationOf(strengths: readonly number[]): number {
  const sorted = Float32Array.from(strengths).sort();
  return (sorted[Math.floor(quietPart * sorted.length)] ?? 0) / quietBound;
}

/** How fine a wave is: 0 the mean, 14 the finest. */
const finenessOf = (wave: number) => (wave >> 3) + (wave & 7);

function medianBetween(spectrum: NoiseSpectrum, from: number, to: number): number {
  const band = spectrum.filter((_, wave) => finenessOf(wave) >= from && finenessOf(wave) <= to).sort();
  return band[band.length >> 1] ?? 0;
}

/**
 * Coarse waves are strong in the scene itself, hardly any block is without them. Where fine waves carry as much noise as middle ones, it is noise in
 * single pixels, and coarse waves carry no more; the less the fine ones carry, the more the coarse ones may.
 */
function withoutScenery(spectrum: NoiseSpectrum): NoiseSpectrum {
  const middle = medianBetween(spectrum, 5, 7);
  const fine = medianBetween(spectrum, 10, 14);
  const flatness = middle === 0 ? 1 : Math.min(1, fine / middle);
  const most = middle * (2 - flatness);
  return spectrum.map((deviation) => Math.min(deviation, most));
}

/** Deviation of the whole noise of a channel, 0..255. */
export function strengthOf(spectrum: NoiseSpectrum): number {
  return Math.sqrt(spectrum.reduce((sum, deviation) => sum + deviation * deviation, 0) / area);
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
function addBlock(block: Float32Array, { values, sums, weights }: Planes, { at, width, limits }: BlockPlace): void {
  for (let y = 0, from = at; y < side; y += 1, from += width) block.set(values.subarray(from, from + side), y * side);
  forwardDct(block);
  let kept = 1;
  for (let i = 1; i < area; i += 1) {
    if (Math.abs(block[i] ?? 0) < (limits[i] ?? 0)) block[i] = 0;
    else kept += 1;
  }
  inverseDct(block);
  const weight = 1 / kept;
  for (let i = 0; i < area; i += 1) {
    const to = at + (i >> 3) * width + (i & 7);
    sums[to] = (sums[to] ?? 0) + weight * (block[i] ?? 0);
    weights[to] = (weights[to] ?? 0) + weight;
  }
}

interface Planes {
  readonly values: Float32Array;
  readonly sums: Float32Array;
  readonly weights: Float32Array;
}

interface BlockPlace {
  readonly at: number;
  readonly width: number;
  /** Below which a wave is noise. */
  readonly limits: Float32Array;
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
  const { step, noise, signal, onProgress } = options;
  const limits = noise.map((spectrum) => spectrum.map((deviation) => threshold * deviation));
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
        const bounds = limits[c];
        if (values === undefined || sums === undefined || weights === undefined || bounds === undefined) continue;
        const start = (row - strip.top) * width;
        for (const column of columns) addBlock(block, { values, sums, weights }, { at: start + column, width, limits: bounds });
      }
      await pace();
    }
    writeStrip(result, strip, from, to);
    onProgress(to / height);
  }
  return result;
}
