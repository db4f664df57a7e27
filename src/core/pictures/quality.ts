import type { Picture } from './picture.ts';
import { peakOf } from './picture-parts.ts';

/**
 * Peak signal-to-noise ratio in dB over the colour channels (alpha is left out); Infinity for equal pictures.
 * Blocks; for measuring, not for the server.
 * @param border so many pixels at each edge are left out
 * @throws RangeError when size, channels or depth differ
 */
export function psnr(a: Picture, b: Picture, border = 0): number {
  assertComparable(a, b);
  const colours = a.channels === 4 ? 3 : a.channels;
  let sum = 0;
  let count = 0;
  for (let y = border; y < a.height - border; y += 1) {
    for (let x = border; x < a.width - border; x += 1) {
      const at = (y * a.width + x) * a.channels;
      for (let c = at; c < at + colours; c += 1) sum += ((a.data[c] ?? 0) - (b.data[c] ?? 0)) ** 2;
      count += colours;
    }
  }
  return 10 * Math.log10(peakOf(a) ** 2 / (sum / count));
}

/** Side of the Gaussian window of SSIM and its sigma, as Wang et al. (2004) use them. */
const windowSide = 11;
const windowSigma = 1.5;

/**
 * Structural similarity of the brightness, 1 for equal pictures (Wang et al. 2004: 11 x 11 Gaussian window of sigma 1.5,
 * K1 = 0.01, K2 = 0.03, only windows that are whole). Blocks; for measuring, not for the server.
 * @throws RangeError when size, channels or depth differ, or a side is below 11
 */
export function ssim(a: Picture, b: Picture): number {
  assertComparable(a, b);
  if (Math.min(a.width, a.height) < windowSide) throw new RangeError(`a side is below ${windowSide}`);
  const first = brightness(a);
  const second = brightness(b);
  const product = (p: Float64Array, q: Float64Array) => p.map((value, i) => value * (q[i] ?? 0));
  const mean = (values: Float64Array) => windowMeans(values, a.width, a.height);
  const meanA = mean(first);
  const meanB = mean(second);
  const squareA = mean(product(first, first));
  const squareB = mean(product(second, second));
  const cross = mean(product(first, second));
  const c1 = (0.01 * peakOf(a)) ** 2;
  const c2 = (0.03 * peakOf(a)) ** 2;
  let sum = 0;
  for (let i = 0; i < meanA.length; i += 1) {
    const ma = meanA[i] ?? 0;
    const mb = meanB[i] ?? 0;
    const covariance = (cross[i] ?? 0) - ma * mb;
    const variances = (squareA[i] ?? 0) - ma * ma + (squareB[i] ?? 0) - mb * mb;
    sum += ((2 * ma * mb + c1) * (2 * covariance + c2)) / ((ma * ma + mb * mb + c1) * (variances + c2));
  }
  return sum / meanA.length;
}

function assertComparable(a: Picture, b: Picture): void {
  if (a.width !== b.width || a.height !== b.height || a.channels !== b.channels || peakOf(a) !== peakOf(b))
    throw new RangeError('pictures of different size, channels or depth');
}

/** ITU-R BT.601 luma, the usual choice for SSIM. */
function brightness({ width, height, channels, data }: Picture): Float64Array {
  const grey = new Float64Array(width * height);
  for (let i = 0, at = 0; i < grey.length; i += 1, at += channels)
    grey[i] = channels === 1 ? (data[at] ?? 0) : 0.299 * (data[at] ?? 0) + 0.587 * (data[at + 1] ?? 0) + 0.114 * (data[at + 2] ?? 0);
  return grey;
}

function windowMeans(values: Float64Array, width: number, height: number): Float64Array {
  const across = new Float64Array((width - windowSide + 1) * height);
  slideWindow(values, across, { count: height, step: width, along: 1, length: width - windowSide + 1 });
  const columns = width - windowSide + 1;
  const turned = new Float64Array(columns * (height - windowSide + 1));
  slideWindow(across, turned, { count: columns, step: 1, along: columns, length: height - windowSide + 1 });
  return turned;
}

/** Weighted means along `count` lines that begin `step` apart and whose values are `along` apart. */
function slideWindow(
  values: Float64Array,
  means: Float64Array,
  { count, step, along, length }: { readonly count: number; readonly step: number; readonly along: number; readonly length: number },
): void {
  const weights = Array.from({ length: windowSide }, (_, i) => Math.exp(-((i - (windowSide - 1) / 2) ** 2) / (2 * windowSigma ** 2)));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  // Lines that lie beside one another keep doing so; lines after one another become as long as there are means.
  const outStep = step === 1 ? 1 : length;
  for (let line = 0; line < count; line += 1) {
    for (let at = 0; at < length; at += 1) {
      let mean = 0;
      for (let k = 0; k < windowSide; k += 1) mean += (weights[k] ?? 0) * (values[line * step + (at + k) * along] ?? 0);
      means[line * outStep + at * along] = mean / total;
    }
  }
}
