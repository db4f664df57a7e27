import { z } from 'zod';
import {
  type Kernel,
  type PictureSize,
  type ProcessorEstimate,
  type ProcessorTask,
  type TileOptions,
  tiledPixels,
  type WorkLevel,
} from '#core';
import { draftModel, networkModel, scales } from './upscale-models.ts';

export const upscaleParams = z.object({
  scale: z
    .enum(scales)
    .default('2')
    .meta({
      title: 'Scale',
      description: 'How many times as wide and as high',
      words: { en: 'Scale', fa: 'بزرگ‌نمایی', ar: 'مقدار التكبير' },
      hint: {
        en: 'How many times as wide and as high',
        fa: 'چند برابرِ پهنا و بلندا',
        ar: 'كم ضعفًا في العرض والارتفاع',
      },
      choices: {
        2: { en: '2×', fa: '۲ برابر', ar: '×2' },
        3: { en: '3×', fa: '۳ برابر', ar: '×3' },
        4: { en: '4×', fa: '۴ برابر', ar: '×4' },
        8: { en: '8×', fa: '۸ برابر', ar: '×8' },
      },
    }),
  method: z
    .enum(['auto', 'network', 'draft', 'lanczos', 'bicubic'])
    .default('auto')
    .meta({
      title: 'Method',
      description:
        'auto: by level; network: the large network; draft: the small one, 2 times only; lanczos and bicubic: exact interpolation',
      words: { en: 'Method', fa: 'روش', ar: 'الطريقة' },
      hint: {
        en: 'Networks restore edges and texture; exact interpolation adds nothing',
        fa: 'شبکه‌ها لبه‌ها و بافت را بازسازی می‌کنند؛ درون‌یابی دقیق چیزی نمی‌افزاید',
        ar: 'الشبكات تستعيد الحواف والنسيج، والاستيفاء الدقيق لا يضيف شيئًا',
      },
      choices: {
        auto: { en: 'By level', fa: 'بر پایهٔ سطح', ar: 'حسب المستوى' },
        network: { en: 'Large network', fa: 'شبکهٔ بزرگ', ar: 'الشبكة الكبيرة' },
        draft: { en: 'Small network (2× only)', fa: 'شبکهٔ کوچک (تنها ۲ برابر)', ar: 'الشبكة الصغيرة (×2 فقط)' },
        lanczos: { en: 'Exact, sharp (Lanczos)', fa: 'دقیق و تیز (Lanczos)', ar: 'دقيق وحاد (Lanczos)' },
        bicubic: { en: 'Exact, smooth (bicubic)', fa: 'دقیق و نرم (bicubic)', ar: 'دقيق وناعم (bicubic)' },
      },
    }),
});

export type UpscaleParams = z.output<typeof upscaleParams>;
type UpscaleTask = ProcessorTask<UpscaleParams>;

/** How a task is done. */
export type UpscaleWay = { readonly kind: 'kernel'; readonly kernel: Kernel } | { readonly kind: 'network'; readonly model: string };

/** Above this many pixels quick does not wait for the small network. */
const draftPixels = 2_000_000;

/**
 * Quick doubles with the small network and does the rest by interpolation; normal and deep use the large one. (Four mirrored
 * views of each tile, averaged, were tried for deep: four times the work for 0.00 to 0.12 dB.) A method that was named is followed.
 */
export function upscaleWay({ scale, method }: UpscaleParams, level: WorkLevel, size: PictureSize): UpscaleWay {
  if (method === 'lanczos') return { kind: 'kernel', kernel: 'lanczos3' };
  if (method === 'bicubic') return { kind: 'kernel', kernel: 'bicubic' };
  if (method === 'network' || (method === 'auto' && level !== 'quick')) return { kind: 'network', model: networkModel(scale) };
  const isLarge = size.width * size.height > draftPixels;
  if (scale !== '2' || (isLarge && method !== 'draft')) return { kind: 'kernel', kernel: 'lanczos3' };
  return { kind: 'network', model: draftModel };
}

/**
 * How far the small network looks: with it tiles are equal to the whole to the bit. Of the large one, whose view has no
 * sharp end, fewer than one value in a thousand differs, by one step.
 */
const overlaps = { draft: 10, network: 12 } as const;
/** Larger tiles waste less on the overlap and take more memory: at 192 the large network takes 200 MiB more. */
const usualSide = 128;

/** @param learned what did well on this machine */
export function tilesFor(model: string, learned?: number): TileOptions {
  return { side: Math.min(192, Math.max(64, learned ?? usualSide)), overlap: overlaps[kindOf(model)] };
}

function kindOf(model: string): 'draft' | 'network' {
  return model === draftModel ? 'draft' : 'network';
}

/** Seconds for a million pixels that a network gets, on two threads. Measured; the README says how. */
const networkSeconds = { draft: 1.6, network: 42 } as const;
/** Seconds for a million pixels of the result: interpolation, and encoding as PNG. */
const kernelSeconds = 0.06;
const encodeSeconds = 0.25;
/** Loading the large network. */
const loadSeconds = 0.5;
/** The process with its decoder, and what a session takes for its tiles, in MiB. */
const processMb = 120;
const draftMb = 90;
const networkMb: Readonly<Record<UpscaleParams['scale'], number>> = { 2: 210, 3: 210, 4: 220, 8: 330 };

export function estimateUpscale(task: UpscaleTask): ProcessorEstimate {
  const size = task.pictures[0] ?? { width: 1, height: 1 };
  const output = outputSize(size, task.params);
  const outputMillions = (output.width * output.height) / 1e6;
  // The picture, its alpha, the result and the encoder's copy of it.
  const picturesMb = ((size.width * size.height * 8 + output.width * output.height * 9) / 1_048_576) | 0;
  const way = upscaleWay(task.params, task.level, size);
  const encode = encodeSeconds * outputMillions;
  if (way.kind === 'kernel')
    return { seconds: 0.2 + kernelSeconds * outputMillions + encode, cpuThreads: 1, memoryMb: processMb + picturesMb, models: [], output };
  const which = kindOf(way.model);
  const work = (tiledPixels(size, tilesFor(way.model)) / 1e6) * networkSeconds[which];
  return {
    seconds: loadSeconds + work + encode,
    cpuThreads: 2,
    memoryMb: processMb + (which === 'draft' ? draftMb : networkMb[task.params.scale]) + picturesMb,
    models: [way.model],
    output,
  };
}

export function outputSize(size: PictureSize, { scale }: UpscaleParams): PictureSize {
  return { width: size.width * Number(scale), height: size.height * Number(scale) };
}

/** Longest work of the large network that is begun without being asked for, in seconds. */
const patience = 240;

/** The large network where it is installed and done in a few minutes, else quick. */
export function autoLevel(task: Omit<UpscaleTask, 'level'>): WorkLevel {
  if (task.params.method === 'network') return 'normal';
  if (task.params.method !== 'auto') return 'quick';
  const isInstalled = task.installed?.includes(networkModel(task.params.scale)) ?? false;
  return isInstalled && estimateUpscale({ ...task, level: 'normal' }).seconds <= patience ? 'normal' : 'quick';
}
