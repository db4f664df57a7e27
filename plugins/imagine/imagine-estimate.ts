import type { PictureSize, ProcessorEstimate, ProcessorTask } from '#core';
import { type ImagineParams, imagineConfig } from './imagine-params.ts';
import { expectedKinds, type ModelFamily, type ModelName, modelNames, planFor, stepsTaken } from './model-kinds.ts';

/**
 * Estimates, not measurements: no weights may be shipped, so none were run. Made from multiply-adds (0.35 T for one pass of SD 1.5 at
 * 512 x 512, 3 T for SDXL at 1024 x 1024) over 0.12 T a second, which convolutions of other models reached on two threads; the
 * server corrects them by what it measures.
 */
const costs: Readonly<Record<ModelFamily, Costs>> = {
  // Attention at full size grows with the square of the area.
  sd: { passAt512: 3, growth: 1.4, loadSeconds: 8, weightsMb: 4700 },
  sdxl: { passAt512: 6.5, growth: 1.1, loadSeconds: 25, weightsMb: 12_000 },
};
/** Both families have a VAE of the same make. */
const decodeAt512 = 10;
/** What the U-Net works in, in MiB; the VAE works in tiles where it would need more. */
const workMbAt512 = 900;

interface Costs {
  readonly passAt512: number;
  /** Exponent with which a pass grows with the area. */
  readonly growth: number;
  readonly loadSeconds: number;
  /** In fp32; of SDXL one network at a time, of the small family all of them, so that the next picture begins at once. */
  readonly weightsMb: number;
}

/** Which model a task is for: the one it names, else the administrator's, else the first that is there. Null: none is there. */
export function chosenModel(
  wished: ImagineParams['model'],
  configured: 'auto' | ModelName,
  installed: readonly string[],
): ModelName | null {
  if (wished !== 'auto') return wished;
  if (configured !== 'auto') return configured;
  return modelNames.find((name) => installed.includes(name)) ?? null;
}

function configuredModel(config: unknown): 'auto' | ModelName {
  return imagineConfig.safeParse(config ?? {}).data?.model ?? 'auto';
}

/** What one picture takes. Without any model it names the one that suits a computer without a graphics card. */
export function estimateImagine(task: ProcessorTask<ImagineParams>): ProcessorEstimate {
  const { params, level, pictures, installed } = task;
  const name = chosenModel(params.model, configuredModel(task.config), installed ?? []) ?? 'sd-turbo';
  const kind = expectedKinds[name];
  const picture = pictures[0];
  const plan = planFor(kind, level, params, picture);
  const { seconds, memoryMb } = costOf(kind.family, plan, {
    passes: stepsTaken(plan, kind.habit, picture === undefined ? 1 : params.strength) * (plan.guidance > 1 && kind.habit !== 'lcm' ? 2 : 1),
    encodes: picture !== undefined,
  });
  return { seconds, memoryMb, cpuThreads: 2, models: [name], output: { width: plan.width, height: plan.height } };
}

function costOf(family: ModelFamily, size: PictureSize, work: { passes: number; encodes: boolean }): { seconds: number; memoryMb: number } {
  const cost = costs[family];
  const area = (size.width * size.height) / (512 * 512);
  const pass = cost.passAt512 * area ** cost.growth;
  const seconds = cost.loadSeconds + 1 + work.passes * pass + decodeAt512 * area * (work.encodes ? 1.5 : 1);
  return { seconds: Math.round(seconds), memoryMb: Math.round(cost.weightsMb + workMbAt512 * area) };
}
