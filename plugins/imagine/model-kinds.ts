import type { PictureSize, WorkLevel } from '#core';
import type { SchedulerName } from './scheduler.ts';

/** `sd`: one text encoder, made for 512 pixels (1.5, 2, SD-Turbo). `sdxl`: two, made for 1024. */
export type ModelFamily = 'sd' | 'sdxl';
/** `classic`: many steps, guided. `turbo`: distilled to a few steps without guidance. `lcm`: latent consistency, a few steps. */
export type ModelHabit = 'classic' | 'turbo' | 'lcm';

export interface ModelKind {
  readonly family: ModelFamily;
  readonly habit: ModelHabit;
}

/** The names under which models are found, DATA_DIR/models/<name>, the quickest good one first: so they are chosen where nobody says. */
export const modelNames = ['imagine', 'sd-turbo', 'lcm', 'sdxl-turbo', 'sd15', 'sdxl'] as const;
export type ModelName = (typeof modelNames)[number];

/** What a folder of that name is expected to hold. `imagine` may hold any model: it is reckoned as the most common one until it is opened. */
export const expectedKinds: Readonly<Record<ModelName, ModelKind>> = {
  imagine: { family: 'sd', habit: 'classic' },
  'sd-turbo': { family: 'sd', habit: 'turbo' },
  lcm: { family: 'sd', habit: 'lcm' },
  'sdxl-turbo': { family: 'sdxl', habit: 'turbo' },
  sd15: { family: 'sd', habit: 'classic' },
  sdxl: { family: 'sdxl', habit: 'classic' },
};

/** What a person may set; undefined: as suits the model and the level. */
export interface WishedPlan {
  readonly width?: number | undefined;
  readonly height?: number | undefined;
  readonly steps?: number | undefined;
  readonly guidance?: number | undefined;
  readonly strength: number;
}

export interface Plan extends PictureSize {
  readonly steps: number;
  /** Above 1 the network is asked twice at each step (an LCM is told the number instead). */
  readonly guidance: number;
}

const stepsByLevel: Readonly<Record<ModelHabit, Readonly<Record<WorkLevel, number>>>> = {
  classic: { quick: 12, normal: 20, deep: 35 },
  turbo: { quick: 1, normal: 2, deep: 4 },
  lcm: { quick: 2, normal: 4, deep: 8 },
};

function sideOf({ family, habit }: ModelKind, level: WorkLevel): number {
  // SD-Turbo and SDXL-Turbo were both distilled at 512.
  if (habit === 'turbo') return 512;
  if (family === 'sd') return level === 'quick' ? 384 : 512;
  return level === 'quick' ? 768 : 1024;
}

function guidanceOf({ family, habit }: ModelKind): number {
  if (habit === 'turbo') return 0;
  if (habit === 'lcm') return 8;
  return family === 'sd' ? 7.5 : 5;
}

/** To the next multiple of 64 at or above 256: networks halve the picture six times, three of them in the VAE. */
function fitting(length: number): number {
  return Math.max(Math.round(length / 64), 4) * 64;
}

/** As many pixels as the square of `side`, in the shape of the picture; at most 2:1. */
function shaped(side: number, picture: PictureSize | undefined): PictureSize {
  const aspect = picture === undefined ? 1 : Math.min(Math.max(picture.width / picture.height, 0.5), 2);
  return { width: fitting(side * Math.sqrt(aspect)), height: fitting(side / Math.sqrt(aspect)) };
}

function sizeOf(kind: ModelKind, level: WorkLevel, wished: WishedPlan, picture: PictureSize | undefined): PictureSize {
  const { width, height } = wished;
  if (width !== undefined && height !== undefined) return { width, height };
  const size = shaped(sideOf(kind, level), picture);
  const aspect = size.width / size.height;
  if (width !== undefined) return { width, height: fitting(width / aspect) };
  if (height !== undefined) return { width: fitting(height * aspect), height };
  return size;
}

/** Steps, size and guidance: what was wished, else what suits the model and the level. */
export function planFor(kind: ModelKind, level: WorkLevel, wished: WishedPlan, picture: PictureSize | undefined): Plan {
  const steps = wished.steps ?? stepsByLevel[kind.habit][level];
  // Part of the way is skipped for a picture that is changed: at least one step has to be left.
  const enough = picture === undefined ? steps : Math.max(steps, Math.ceil(1 / wished.strength));
  return { ...sizeOf(kind, level, wished, picture), steps: enough, guidance: wished.guidance ?? guidanceOf(kind) };
}

/** Steps that are really taken. */
export function stepsTaken({ steps }: Pick<Plan, 'steps'>, habit: ModelHabit, strength: number): number {
  if (habit === 'lcm' || strength >= 1) return steps;
  return Math.max(Math.floor(steps * strength), 1);
}

/** The scheduler that a model's own file names, as far as it is built; DPM++ 2M takes the place of PNDM and others of its kind. */
export function schedulerOfClass(className: unknown): SchedulerName {
  if (typeof className !== 'string') return 'dpm++2m';
  if (className.startsWith('LCM')) return 'lcm';
  if (className.startsWith('EulerAncestral')) return 'euler-ancestral';
  if (className.startsWith('Euler')) return 'euler';
  if (className.startsWith('DDIM')) return 'ddim';
  return 'dpm++2m';
}
