import type { NoiseConfig } from './noise-config.ts';

// The formulas are those of the papers (DDPM, DDIM, Karras et al. 2022) as the diffusers project writes them;
// the tests reproduce the constants of its own unit tests.

/** `count` values from `start` to `end`, both included; one value: the start. */
export function linspace(start: number, end: number, count: number): number[] {
  if (count === 1) return [start];
  return Array.from({ length: count }, (_, index) => start + ((end - start) * index) / (count - 1));
}

/** Rounds halves to the even neighbour, as numpy does: it decides which step of the training is visited. */
export function roundHalfEven(value: number): number {
  const floor = Math.floor(value);
  if (value - floor !== 0.5) return Math.round(value);
  return floor % 2 === 0 ? floor : floor + 1;
}

function betasOf(config: NoiseConfig): number[] {
  if (config.trainedBetas !== null) return [...config.trainedBetas];
  const { trainSteps, betaStart, betaEnd } = config;
  if (config.betaSchedule === 'linear') return linspace(betaStart, betaEnd, trainSteps).map(Math.fround);
  if (config.betaSchedule === 'scaled_linear')
    return linspace(Math.sqrt(betaStart), Math.sqrt(betaEnd), trainSteps).map((root) => Math.fround(Math.fround(root) ** 2));
  const bar = (time: number) => Math.cos(((time + 0.008) / 1.008) * (Math.PI / 2)) ** 2;
  return Array.from({ length: trainSteps }, (_, step) => Math.min(1 - bar((step + 1) / trainSteps) / bar(step / trainSteps), 0.999));
}

/** How much of the picture is left in the square at each step of the training: from nearly 1 to nearly 0. */
export function alphasCumprodOf(config: NoiseConfig): readonly number[] {
  let product = 1;
  const alphas = betasOf(config).map((beta) => {
    product *= Math.fround(1 - beta);
    return Math.fround(product);
  });
  return config.zeroTerminalSnr ? withZeroTerminalSnr(alphas) : alphas;
}

/** Shifts and scales so that nothing of the picture is left at the last step (Lin et al. 2023). */
function withZeroTerminalSnr(alphas: readonly number[]): number[] {
  const roots = alphas.map(Math.sqrt);
  const first = roots[0] ?? 1;
  const last = roots.at(-1) ?? 0;
  return roots.map((root) => Math.fround((((root - last) * first) / (first - last)) ** 2));
}

/** Sigma at each step of the training: noise against picture, growing. */
export function sigmasOf(alphasCumprod: readonly number[]): number[] {
  // A last alpha of 0 would be an endless sigma; diffusers takes 2^-24 there.
  return alphasCumprod.map((alpha) => Math.sqrt((1 - alpha) / (alpha === 0 ? 2 ** -24 : alpha)));
}

/** The value between two steps of the training. */
export function interpolate(values: readonly number[], at: number): number {
  const position = Math.min(Math.max(at, 0), values.length - 1);
  const low = Math.floor(position);
  const from = values[low] ?? 0;
  return from + ((values[low + 1] ?? from) - from) * (position - low);
}

/** The place in the training at which the noise has this sigma; may lie between two steps. */
export function timestepOfSigma(sigma: number, logSigmas: readonly number[]): number {
  const wanted = Math.log(Math.max(sigma, 1e-10));
  let low = logSigmas.findLastIndex((logSigma) => wanted >= logSigma);
  low = Math.min(Math.max(low, 0), logSigmas.length - 2);
  const from = logSigmas[low] ?? 0;
  const to = logSigmas[low + 1] ?? from;
  const weight = Math.min(Math.max((from - wanted) / (from - to), 0), 1);
  return (1 - weight) * low + weight * (low + 1);
}

/** The noise schedule of Karras et al. (2022), rho 7: from `max` down to `min`. */
export function karrasSigmas(min: number, max: number, count: number): number[] {
  const rho = 7;
  const minRoot = min ** (1 / rho);
  const maxRoot = max ** (1 / rho);
  return linspace(0, 1, count).map((ramp) => (maxRoot + ramp * (minRoot - maxRoot)) ** rho);
}

/** The steps of the training that `count` steps visit, falling. */
export function spacedTimesteps(config: NoiseConfig, spacing: 'linspace' | 'leading' | 'trailing', count: number): number[] {
  const { trainSteps, stepsOffset } = config;
  if (spacing === 'linspace') return linspace(0, trainSteps - 1, count).toReversed();
  if (spacing === 'leading') {
    const ratio = Math.floor(trainSteps / count);
    return Array.from({ length: count }, (_, index) => (count - 1 - index) * ratio + stepsOffset);
  }
  const ratio = trainSteps / count;
  return Array.from({ length: count }, (_, index) => roundHalfEven(trainSteps - index * ratio) - 1);
}
