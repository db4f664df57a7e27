import type { NoiseConfig } from './noise-config.ts';
import { alphasCumprodOf } from './noise-schedule.ts';
import { combine, type Scheduler, type SchedulerOptions, type StepResult } from './scheduler.ts';

/** `strength` shortens the way of the distillation itself; of what is left, evenly spaced steps are taken. */
function lcmTimesteps(config: NoiseConfig, steps: number, strength: number): number[] {
  const stride = Math.floor(config.trainSteps / config.originalSteps);
  const length = Math.max(Math.floor(config.originalSteps * strength), 1);
  const count = Math.min(steps, length);
  return Array.from({ length: count }, (_, index) => (length - Math.floor((index * length) / count)) * stride - 1);
}

/** Latent consistency models (Luo et al. 2023): each step guesses the whole picture, and noise is put back for the next one. */
export function createLcmScheduler({ config, steps, strength, noise }: SchedulerOptions): Scheduler {
  const alphas = alphasCumprodOf(config);
  const timesteps = lcmTimesteps(config, steps, strength);
  const alphaAt = (index: number): number => alphas[timesteps[index] ?? 0] ?? 1;
  const clip = config.clipRange ?? Number.POSITIVE_INFINITY;
  // The spread of the data that the boundary condition was written with.
  const data = 0.5;

  function guessOf(sample: number, output: number, alpha: number): number {
    const [signal, noisy] = [Math.sqrt(alpha), Math.sqrt(1 - alpha)];
    let picture = (sample - noisy * output) / signal;
    if (config.prediction === 'v_prediction') picture = signal * sample - noisy * output;
    if (config.prediction === 'sample') picture = output;
    return Math.min(Math.max(picture, -clip), clip);
  }

  function step(output: Float32Array, sample: Float32Array, index: number): StepResult {
    const alpha = alphaAt(index);
    const scaled = (timesteps[index] ?? 0) * config.timestepScaling;
    const skip = data ** 2 / (scaled ** 2 + data ** 2);
    const out = scaled / Math.sqrt(scaled ** 2 + data ** 2);
    const original = combine(sample, output, (value, answer) => out * guessOf(value, answer, alpha) + skip * value);
    if (index === timesteps.length - 1) return { sample: original, original };
    const next = alphaAt(index + 1);
    const random = noise(sample.length);
    return { sample: combine(original, random, (value, unit) => Math.sqrt(next) * value + Math.sqrt(1 - next) * unit), original };
  }

  return {
    timesteps,
    start: 0,
    initialScale: 1,
    scaleInput: (sample) => sample,
    addNoise: (original, random, index) => {
      const alpha = alphaAt(index);
      return combine(original, random, (value, unit) => Math.sqrt(alpha) * value + Math.sqrt(1 - alpha) * unit);
    },
    step,
  };
}
