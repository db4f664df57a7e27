/**
 * How a pixel spreads. `box`: the mean when reducing, the nearest pixel when enlarging. `bilinear`: a triangle.
 * `bicubic`: Keys' cubic with a = -0.5, exact for straight and parabolic ramps. `lanczos3`: the sharpest; rings a little at hard edges.
 */
export type Kernel = 'box' | 'bilinear' | 'bicubic' | 'lanczos3';

/** Half the width of a kernel, in source pixels of an enlargement. */
const supports: Readonly<Record<Kernel, number>> = { box: 0.5, bilinear: 1, bicubic: 2, lanczos3: 3 };

const kernels: Readonly<Record<Kernel, (x: number) => number>> = {
  // Half open, so that a point between two pixels belongs to one of them.
  box: (x) => (x > -0.5 && x <= 0.5 ? 1 : 0),
  bilinear: (x) => Math.max(0, 1 - Math.abs(x)),
  bicubic: (x) => {
    const t = Math.abs(x);
    if (t >= 2) return 0;
    return t < 1 ? (1.5 * t - 2.5) * t * t + 1 : ((-0.5 * t + 2.5) * t - 4) * t + 2;
  },
  lanczos3: (x) => (Math.abs(x) < 3 ? sinc(x) * sinc(x / 3) : 0),
};

function sinc(x: number): number {
  return x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
}

/** For each output position: which source positions count, and how much. Weights of one position sum to 1. */
export interface AxisWeights {
  /** First source position of each output position; never falls. */
  readonly first: Int32Array;
  /** How many there are for each output position, at most `stride`. */
  readonly taps: Int32Array;
  /** `weights[position * stride + tap]`. */
  readonly weights: Float32Array;
  readonly stride: number;
}

/**
 * The centre of output pixel i lies at (i + 0.5) * from / to - 0.5 in the source: pixels are squares, not points. Where an
 * axis shrinks, the kernel widens by the same factor (no aliasing). At the border the part of the kernel that hangs over
 * is left out and the rest sums to 1 again.
 */
export function axisWeights(from: number, to: number, kernel: Kernel): AxisWeights {
  const ratio = from / to;
  const widening = Math.max(1, ratio);
  const support = supports[kernel] * widening;
  const stride = Math.min(from, Math.ceil(support) * 2 + 1);
  const first = new Int32Array(to);
  const taps = new Int32Array(to);
  const weights = new Float32Array(to * stride);
  const value = kernels[kernel];
  for (let i = 0; i < to; i += 1) {
    const centre = (i + 0.5) * ratio;
    const low = Math.max(0, Math.floor(centre - support + 0.5));
    const high = Math.min(from, Math.floor(centre + support + 0.5), low + stride);
    let sum = 0;
    for (let s = low; s < high; s += 1) sum += value((s + 0.5 - centre) / widening);
    for (let s = low; s < high; s += 1) weights[i * stride + s - low] = value((s + 0.5 - centre) / widening) / sum;
    first[i] = low;
    taps[i] = high - low;
  }
  return { first, taps, weights, stride };
}
