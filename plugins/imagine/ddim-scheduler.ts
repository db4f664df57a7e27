import { alphasCumprodOf, roundHalfEven, spacedTimesteps } from './noise-schedule.ts';
import { combine, type Scheduler, type SchedulerOptions, type StepResult, startOf } from './scheduler.ts';

/** Denoising diffusion implicit models (Song et al. 2020) with eta 0: no noise is added on the way. */
export function createDdimScheduler({ config, steps, strength }: SchedulerOptions): Scheduler {
  const alphas = alphasCumprodOf(config);
  const timesteps = spacedTimesteps(config, config.spacing ?? 'leading', steps).map(roundHalfEven);
  const stride = Math.floor(config.trainSteps / steps);
  const lastAlpha = config.setAlphaToOne ? 1 : (alphas[0] ?? 1);
  const alphaAt = (timestep: number): number => (timestep < 0 ? lastAlpha : (alphas[Math.min(timestep, alphas.length - 1)] ?? lastAlpha));
  const clip = config.clipRange ?? Number.POSITIVE_INFINITY;

  function step(output: Float32Array, sample: Float32Array, index: number): StepResult {
    const timestep = timesteps[index] ?? 0;
    const alpha = alphaAt(timestep);
    const next = alphaAt(timestep - stride);
    const [signal, noisy] = [Math.sqrt(alpha), Math.sqrt(1 - alpha)];
    const original = new Float32Array(sample.length);
    const result = new Float32Array(sample.length);
    for (let place = 0; place < sample.length; place += 1) {
      const value = sample[place] ?? 0;
      const answer = output[place] ?? 0;
      let picture = (value - noisy * answer) / signal;
      let noise = answer;
      if (config.prediction === 'v_prediction') {
        picture = signal * value - noisy * answer;
        noise = signal * answer + noisy * value;
      } else if (config.prediction === 'sample') {
        picture = answer;
        noise = (value - signal * answer) / noisy;
      }
      picture = Math.min(Math.max(picture, -clip), clip);
      original[place] = picture;
      result[place] = Math.sqrt(next) * picture + Math.sqrt(1 - next) * noise;
    }
    return { sample: result, original };
  }

  return {
    timesteps,
    start: startOf(steps, strength),
    initialScale: 1,
    scaleInput: (sample) => sample,
    addNoise: (original, noise, index) => {
      const alpha = alphaAt(timesteps[index] ?? 0);
      return combine(original, noise, (value, unit) => Math.sqrt(alpha) * value + Math.sqrt(1 - alpha) * unit);
    },
    step,
  };
}
