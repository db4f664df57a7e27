import { describe, expect, it } from 'vitest';
import { createScheduler } from './create-scheduler.ts';
import { type NoiseConfig, readNoiseConfig, stableDiffusionNoise } from './noise-config.ts';
import { alphasCumprodOf, sigmasOf } from './noise-schedule.ts';
import type { Scheduler, SchedulerName } from './scheduler.ts';
import { createTorchNoise } from './torch-noise.ts';

// The numbers are the constants of the unit tests of the diffusers project (main, August 2026): a sample that is counted up, a network
// that answers x * t / (t + 1), ten steps.

const count = 4 * 3 * 8 * 8;

/** Values 0 to 1 laid out as (3, 8, 8, 4) and turned to (4, 3, 8, 8). */
function countedSample(reversed = false): Float32Array {
  const result = new Float32Array(count);
  let place = 0;
  for (let batch = 0; batch < 4; batch += 1)
    for (let rest = 0; rest < 192; rest += 1) {
      const index = rest * 4 + batch;
      result[place] = (reversed ? count - 1 - index : index) / count;
      place += 1;
    }
  return result;
}

const linear: Partial<NoiseConfig> = { betaSchedule: 'linear', betaStart: 0.0001, betaEnd: 0.02 };
const ofDdim: Partial<NoiseConfig> = { ...linear, clipRange: 1 };
const ofDpm: Partial<NoiseConfig> = { ...linear, finalSigma: 'sigma_min', lowerOrderFinal: false };
const ofEuler: Partial<NoiseConfig> = { ...linear, trainSteps: 1100 };

interface Loop {
  readonly name: SchedulerName;
  readonly config: Partial<NoiseConfig>;
  readonly steps?: number;
  /** Begins there, with the counted noise added. */
  readonly from?: number;
}

function walk({ name, config, steps = 10, from }: Loop): Float32Array {
  const noise = createTorchNoise(0);
  const scheduler = createScheduler(name, { config: { ...stableDiffusionNoise, ...config }, steps, strength: 1, noise });
  let sample: Float32Array = countedSample().map((value) => value * scheduler.initialScale);
  if (from !== undefined) sample = scheduler.addNoise(sample, countedSample(true), from);
  for (let index = from ?? 0; index < scheduler.timesteps.length; index += 1) sample = oneStep(scheduler, sample, index);
  return sample;
}

function oneStep(scheduler: Scheduler, sample: Float32Array, index: number): Float32Array {
  const seen = scheduler.scaleInput(sample, index);
  const timestep = scheduler.timesteps[index] ?? 0;
  const answer = seen.map((value) => (value * timestep) / (timestep + 1));
  // As in the tests of diffusers, what is stepped on is what the network saw.
  return scheduler.step(answer, seen, index).sample;
}

const sumOf = (sample: Float32Array): number => sample.reduce((sum, value) => sum + Math.abs(value), 0);

function schedulerOf(name: SchedulerName, config: Partial<NoiseConfig>, steps: number, strength = 1): Scheduler {
  return createScheduler(name, { config: { ...stableDiffusionNoise, ...config }, steps, strength, noise: createTorchNoise(0) });
}

describe('the schedulers reproduce the numbers of diffusers', () => {
  it.each<[string, Loop, number]>([
    ['DDIM', { name: 'ddim', config: ofDdim }, 172.0067],
    ['DDIM, v-prediction', { name: 'ddim', config: { ...ofDdim, prediction: 'v_prediction' } }, 52.5302],
    ['DDIM to alpha one', { name: 'ddim', config: { ...ofDdim, betaStart: 0.01, setAlphaToOne: true } }, 149.8295],
    ['DDIM to the first alpha', { name: 'ddim', config: { ...ofDdim, betaStart: 0.01, setAlphaToOne: false } }, 149.0784],
    ['DDIM from the eighth step, with noise', { name: 'ddim', config: ofDdim, from: 8 }, 354.5418],
    ['Euler', { name: 'euler', config: ofEuler }, 10.0807],
    ['Euler, v-prediction', { name: 'euler', config: { ...ofEuler, prediction: 'v_prediction' } }, 0.0002],
    ['Euler, sigmas of Karras', { name: 'euler', config: { ...ofEuler, karras: true } }, 124.52299],
    ['Euler from the eighth step, with noise', { name: 'euler', config: ofEuler, from: 8 }, 57_062.93],
    ['Euler ancestral', { name: 'euler-ancestral', config: ofEuler }, 152.3192],
    ['Euler ancestral, v-prediction', { name: 'euler-ancestral', config: { ...ofEuler, prediction: 'v_prediction' } }, 108.4439],
    ['Euler ancestral from the eighth step, with noise', { name: 'euler-ancestral', config: ofEuler, from: 8 }, 56_163.05],
    ['LCM in one step', { name: 'lcm', config: {}, steps: 1 }, 18.7097],
    ['LCM', { name: 'lcm', config: {} }, 197.7616],
    ['DPM++ 2M from the fifth step, with noise', { name: 'dpm++2m', config: ofDpm, from: 5 }, 318.4111],
  ])('%s', (_, loop, sum) => {
    expect(Math.abs(sumOf(walk(loop)) - sum)).toBeLessThan(0.01);
  });

  it.each<[string, Partial<NoiseConfig>, number]>([
    ['DPM++ 2M', {}, 0.3301],
    ['DPM++ 2M, v-prediction', { prediction: 'v_prediction' }, 0.2251],
    ['DPM++ 2M, v-prediction, sigmas of Karras', { prediction: 'v_prediction', karras: true }, 0.2096],
  ])('%s', (_, config, mean) => {
    expect(Math.abs(sumOf(walk({ name: 'dpm++2m', config: { ...ofDpm, ...config } })) / count - mean)).toBeLessThan(0.001);
  });

  it('visits the steps of the training that diffusers visits', () => {
    expect(schedulerOf('ddim', { stepsOffset: 1 }, 5).timesteps).toEqual([801, 601, 401, 201, 1]);
    expect(schedulerOf('euler', { spacing: 'trailing' }, 1).timesteps).toEqual([999]);
    expect(schedulerOf('euler', { spacing: 'trailing' }, 4).timesteps).toEqual([999, 749, 499, 249]);
    expect(schedulerOf('lcm', {}, 4).timesteps).toEqual([999, 759, 499, 259]);
    expect(schedulerOf('euler', { spacing: 'trailing' }, 4).initialScale).toBeCloseTo(14.6147, 3);
  });

  it('has the noise of Stable Diffusion: alphas and the sigmas that SD-Turbo visits', () => {
    const alphas = alphasCumprodOf(stableDiffusionNoise);
    expect(alphas[999]).toBeCloseTo(0.0046601, 7);
    const sigmas = sigmasOf(alphas);
    for (const [timestep, sigma] of [
      [999, 14.6147],
      [749, 4.0817],
      [499, 1.6129],
      [249, 0.6932],
    ] as const)
      expect(sigmas[timestep]).toBeCloseTo(sigma, 3);
  });
});

describe('the schedulers on their own', () => {
  it.each<SchedulerName>(['euler', 'euler-ancestral', 'ddim', 'dpm++2m', 'lcm'])(
    '%s finds the picture when the network knows it',
    (name) => {
      const scheduler = schedulerOf(name, {}, 6);
      const alphas = alphasCumprodOf(stableDiffusionNoise);
      const picture = countedSample();
      let sample: Float32Array = createTorchNoise(3)(count).map((value) => value * scheduler.initialScale);
      for (const [index, timestep] of scheduler.timesteps.entries()) {
        const seen = scheduler.scaleInput(sample, index);
        const low = alphas[Math.floor(timestep)] ?? 1;
        const alpha = low + ((alphas[Math.ceil(timestep)] ?? low) - low) * (timestep % 1);
        const answer = seen.map((value, place) => (value - Math.sqrt(alpha) * (picture[place] ?? 0)) / Math.sqrt(1 - alpha));
        const result = scheduler.step(answer, sample, index);
        expect(Math.max(...result.original.map((value, place) => Math.abs(value - (picture[place] ?? 0))))).toBeLessThan(0.05);
        sample = result.sample;
      }
      expect(Math.max(...sample.map((value, place) => Math.abs(value - (picture[place] ?? 0))))).toBeLessThan(0.01);
    },
  );

  it('begins later for a picture that is to change little, and takes one step at least', () => {
    expect(schedulerOf('euler', {}, 20, 0.5).start).toBe(10);
    expect(schedulerOf('ddim', {}, 10, 0.01).start).toBe(9);
    expect(schedulerOf('dpm++2m', {}, 10, 1).start).toBe(0);
    expect(schedulerOf('lcm', {}, 4, 0.5).timesteps).toEqual([499, 379, 259, 139]);
    expect(schedulerOf('lcm', {}, 8, 0.04).timesteps).toEqual([39, 19]);
  });

  it('leaves nothing of the picture at the last step where the model asks for it', () => {
    const alphas = alphasCumprodOf({ ...stableDiffusionNoise, zeroTerminalSnr: true });
    expect(alphas[999]).toBe(0);
    expect(alphas[0]).toBeCloseTo(alphasCumprodOf(stableDiffusionNoise)[0] ?? 0, 6);
    expect(Number.isFinite(sigmasOf(alphas)[999])).toBe(true);
  });

  it('reads the file of a model and takes what it leaves out from Stable Diffusion', () => {
    expect(readNoiseConfig({})).toEqual(stableDiffusionNoise);
    expect(
      readNoiseConfig({
        timestep_spacing: 'trailing',
        prediction_type: 'v_prediction',
        clip_sample: true,
        use_karras_sigmas: true,
        beta_end: 0.02,
      }),
    ).toMatchObject({ spacing: 'trailing', prediction: 'v_prediction', clipRange: 1, karras: true, betaEnd: 0.02 });
    expect(readNoiseConfig({ beta_schedule: 'unheard-of', steps_offset: 'one' })).toEqual(stableDiffusionNoise);
  });
});
