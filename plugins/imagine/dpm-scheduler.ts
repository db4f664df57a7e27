import type { NoiseConfig } from './noise-config.ts';
import { alphasCumprodOf, interpolate, karrasSigmas, linspace, roundHalfEven, sigmasOf, timestepOfSigma } from './noise-schedule.ts';
import { combine, type Scheduler, type SchedulerOptions, type StepResult, startOf } from './scheduler.ts';

function dpmTimesteps(config: NoiseConfig, steps: number): number[] {
  const { trainSteps } = config;
  if (config.spacing === 'trailing')
    return Array.from({ length: steps }, (_, index) => roundHalfEven(trainSteps - (index * trainSteps) / steps) - 1);
  // One more than asked for, the last left out: the way ends before the first step of the training.
  if (config.spacing === 'leading') {
    const ratio = Math.floor(trainSteps / (steps + 1));
    return Array.from({ length: steps }, (_, index) => (steps - index) * ratio + config.stepsOffset);
  }
  return linspace(0, trainSteps - 1, steps + 1)
    .map(roundHalfEven)
    .toReversed()
    .slice(0, -1);
}

function dpmSigmas(config: NoiseConfig, steps: number): { timesteps: number[]; sigmas: number[] } {
  const all = sigmasOf(alphasCumprodOf(config));
  const end = config.finalSigma === 'zero' ? 0 : (all[0] ?? 0);
  if (!config.karras) {
    const timesteps = dpmTimesteps(config, steps);
    return { timesteps, sigmas: [...timesteps.map((timestep) => interpolate(all, timestep)), end] };
  }
  const logSigmas = all.map(Math.log);
  const sigmas = karrasSigmas(all[0] ?? 0, all.at(-1) ?? 0, steps);
  return { timesteps: sigmas.map((sigma) => roundHalfEven(timestepOfSigma(sigma, logSigmas))), sigmas: [...sigmas, end] };
}

/** Shares of picture and noise in a sample whose squares add up to one, for a sigma of picture + sigma * noise. */
function sharesOf(sigma: number): { alpha: number; sigma: number; lambda: number } {
  const alpha = 1 / Math.sqrt(sigma * sigma + 1);
  return { alpha, sigma: sigma * alpha, lambda: -Math.log(sigma) };
}

/**
 * DPM-Solver++(2M) (Lu et al. 2022), midpoint: second order from the last two guesses of the picture; the first step and one that
 * ends without any noise are of first order.
 */
export function createDpmScheduler({ config, steps, strength }: SchedulerOptions): Scheduler {
  const { timesteps, sigmas } = dpmSigmas(config, steps);
  const sigmaAt = (index: number): number => sigmas[index] ?? 0;
  let before: Float32Array | null = null;

  function originalOf(sample: Float32Array, output: Float32Array, index: number): Float32Array {
    const { alpha, sigma } = sharesOf(sigmaAt(index));
    if (config.prediction === 'v_prediction') return combine(sample, output, (value, answer) => alpha * value - sigma * answer);
    if (config.prediction === 'sample') return output;
    return combine(sample, output, (value, answer) => (value - sigma * answer) / alpha);
  }

  function step(output: Float32Array, sample: Float32Array, index: number): StepResult {
    const original = originalOf(sample, output, index);
    const from = sharesOf(sigmaAt(index));
    const to = sharesOf(sigmaAt(index + 1));
    const stride = to.lambda - from.lambda;
    const gain = -to.alpha * Math.expm1(-stride);
    const keep = to.sigma / from.sigma;
    const last = before;
    before = original;
    const firstOrder = last === null || (index === steps - 1 && (config.finalSigma === 'zero' || (config.lowerOrderFinal && steps < 15)));
    if (firstOrder) return { sample: combine(sample, original, (value, picture) => keep * value + gain * picture), original };
    const ratio = (from.lambda - sharesOf(sigmaAt(index - 1)).lambda) / stride;
    const bent = combine(original, last, (now, then) => now + (now - then) / (2 * ratio));
    return { sample: combine(sample, bent, (value, picture) => keep * value + gain * picture), original };
  }

  return {
    timesteps,
    start: startOf(steps, strength),
    initialScale: 1,
    scaleInput: (sample) => sample,
    addNoise: (original, noise, index) => {
      const { alpha, sigma } = sharesOf(sigmaAt(index));
      return combine(original, noise, (value, unit) => alpha * value + sigma * unit);
    },
    step,
  };
}
