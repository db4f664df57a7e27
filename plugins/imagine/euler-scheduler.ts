import type { NoiseConfig } from './noise-config.ts';
import { alphasCumprodOf, interpolate, karrasSigmas, sigmasOf, spacedTimesteps, timestepOfSigma } from './noise-schedule.ts';
import { combine, type Scheduler, type SchedulerOptions, type StepResult, startOf } from './scheduler.ts';

interface Sigmas {
  readonly timesteps: readonly number[];
  /** One more than timesteps: the last is where it ends. */
  readonly sigmas: readonly number[];
}

function eulerSigmas(config: NoiseConfig, steps: number): Sigmas {
  const all = sigmasOf(alphasCumprodOf(config));
  const end = config.finalSigma === 'zero' ? 0 : (all[0] ?? 0);
  const timesteps = spacedTimesteps(config, config.spacing ?? 'linspace', steps).map(Math.fround);
  const sigmas = timesteps.map((timestep) => interpolate(all, timestep));
  if (!config.karras) return { timesteps, sigmas: [...sigmas, end] };
  const logSigmas = all.map(Math.log);
  const even = karrasSigmas(sigmas.at(-1) ?? 0, sigmas[0] ?? 0, steps);
  return { timesteps: even.map((sigma) => timestepOfSigma(sigma, logSigmas)), sigmas: [...even, end] };
}

/** The picture without noise, as the network's answer implies it, where sample = picture + sigma * noise. */
function originalOf(config: NoiseConfig, sigma: number): (sample: number, output: number) => number {
  if (config.prediction === 'epsilon') return (sample, output) => sample - sigma * output;
  if (config.prediction === 'sample') return (_, output) => output;
  const square = sigma * sigma + 1;
  return (sample, output) => sample / square - (output * sigma) / Math.sqrt(square);
}

/**
 * Euler's method on the probability flow (Karras et al. 2022, Algorithm 2 without churn). `ancestral`: part of the noise is taken away
 * and fresh noise put in its place at each step.
 */
export function createEulerScheduler({ config, steps, strength, noise }: SchedulerOptions, ancestral: boolean): Scheduler {
  const { timesteps, sigmas } = eulerSigmas(config, steps);
  const sigmaAt = (index: number): number => sigmas[index] ?? 0;
  const largest = Math.max(...sigmas);

  function step(output: Float32Array, sample: Float32Array, index: number): StepResult {
    const from = sigmaAt(index);
    const to = sigmaAt(index + 1);
    const original = combine(sample, output, originalOf(config, from));
    const fresh = ancestral ? Math.sqrt((to * to * (from * from - to * to)) / (from * from)) : 0;
    const down = Math.sqrt(to * to - fresh * fresh);
    const next = combine(sample, original, (value, picture) => value + ((value - picture) / from) * (down - from));
    if (!ancestral) return { sample: next, original };
    // Drawn at the last step too, where it counts for nothing, so that the source of noise stays in step with diffusers.
    return { sample: combine(next, noise(sample.length), (value, random) => value + random * fresh), original };
  }

  return {
    timesteps,
    start: startOf(steps, strength),
    initialScale: config.spacing === 'leading' ? Math.sqrt(largest * largest + 1) : largest,
    scaleInput: (sample, index) => {
      const divisor = Math.sqrt(sigmaAt(index) ** 2 + 1);
      return sample.map((value) => value / divisor);
    },
    addNoise: (original, random, index) => combine(original, random, (value, unit) => value + unit * sigmaAt(index)),
    step,
  };
}
