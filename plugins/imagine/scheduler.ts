import type { NoiseConfig } from './noise-config.ts';

export const schedulerNames = ['euler', 'euler-ancestral', 'ddim', 'dpm++2m', 'lcm'] as const;
export type SchedulerName = (typeof schedulerNames)[number];

export interface StepResult {
  /** What the next step begins with. */
  readonly sample: Float32Array;
  /** The picture as it is guessed now, for a preview. */
  readonly original: Float32Array;
}

/** The way from noise to a picture in a number of steps. Holds the state of one picture: make one for each. */
export interface Scheduler {
  /** What the network is told at each step; may lie between two steps of the training. */
  readonly timesteps: readonly number[];
  /** The step to begin with: 0, later for a picture that is changed only in part. */
  readonly start: number;
  /** What unit noise is multiplied by when it begins from nothing. */
  readonly initialScale: number;
  /** What the network gets to see of the sample. */
  scaleInput(sample: Float32Array, index: number): Float32Array;
  /** The picture as it would look at that step. */
  addNoise(original: Float32Array, noise: Float32Array, index: number): Float32Array;
  /** One step, with what the network answered. Steps are taken in order. */
  step(output: Float32Array, sample: Float32Array, index: number): StepResult;
}

export interface SchedulerOptions {
  readonly config: NoiseConfig;
  /** At least 1. */
  readonly steps: number;
  /** 0 < strength <= 1; 1 begins from nothing. */
  readonly strength: number;
  /** Unit noise, from the same source as the first. */
  readonly noise: (count: number) => Float32Array;
}

/** Where to begin so that `strength` of the way is gone. */
export function startOf(steps: number, strength: number): number {
  return Math.max(steps - Math.max(Math.floor(steps * strength), 1), 0);
}

/** Joins two arrays of one length, value by value. */
export function combine(a: Float32Array, b: Float32Array, of: (a: number, b: number) => number): Float32Array {
  const result = new Float32Array(a.length);
  for (let index = 0; index < a.length; index += 1) result[index] = of(a[index] ?? 0, b[index] ?? 0);
  return result;
}
