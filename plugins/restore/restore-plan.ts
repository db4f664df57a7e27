import { z } from 'zod';
import { type PictureSize, type ProcessorEstimate, type ProcessorTask, tiledPixels, type WorkLevel } from '#core';
import { networkOf, networkSide } from './restore-models.ts';

export const modes = ['denoise', 'deblur', 'lowlight'] as const;
export type Mode = (typeof modes)[number];

export const restoreParams = z.object({
  mode: z
    .enum(modes)
    .default('denoise')
    .meta({
      title: 'What',
      description: 'denoise: removes grain; deblur: sharpens; lowlight: brightens a dark picture',
      words: { en: 'Repair', fa: 'چه چیزی بهتر شود', ar: 'ما الذي يُحسَّن' },
      hint: {
        en: 'What is wrong with the picture',
        fa: 'ایراد تصویر چیست',
        ar: 'ما عيب الصورة',
      },
      choices: {
        denoise: { en: 'Remove noise and grain', fa: 'حذف نویز و دانه', ar: 'إزالة التشويش والحبيبات' },
        deblur: { en: 'Sharpen what is blurred', fa: 'واضح‌کردن تاری', ar: 'زيادة حدة الضبابي' },
        lowlight: { en: 'Brighten a dark picture', fa: 'روشن‌کردن تصویر تاریک', ar: 'إضاءة صورة معتمة' },
      },
    }),
  strength: z
    .number()
    .min(0)
    .max(1)
    .default(1)
    .meta({
      title: 'Strength',
      description: '1: all of it; 0: the picture as it is',
      words: { en: 'Strength', fa: 'شدت', ar: 'القوة' },
      hint: { en: '1: all of it; 0: the picture as it is', fa: '۱: تمام و کمال؛ ۰: تصویر چنان که هست', ar: '1: كاملة، 0: الصورة كما هي' },
    }),
});

export type RestoreParams = z.output<typeof restoreParams>;
type RestoreTask = ProcessorTask<RestoreParams>;

/** Pixels that tiles share on each side of a seam; they fade into each other over twice as many. */
export const overlapOf: Readonly<Record<Exclude<WorkLevel, 'quick'>, number>> = { normal: 32, deep: 64 };

export function tilesOf(level: Exclude<WorkLevel, 'quick'>) {
  return { side: networkSide, overlap: overlapOf[level] };
}

/** Longest side of the copy that the light of a picture is worked out on. */
export const lightSide = 512;

/** On two threads: one run of a network, loading it, and what is done to every million pixels. Measured; the README says how. */
const tileSeconds = { denoise: 6, deblur: 6, lowlight: 4 } as const;
const loadSeconds = 4;
const quickSeconds = { denoise: 2.5, deblur: 0.6, lowlight: 0.9 } as const;
/** From this many pixels the blocks of the quick denoiser overlap less, which takes a quarter of the time. */
export const coarsePixels = 4_000_000;
const encodeSeconds = 0.15;
/** Peaks in MiB: the process with a network, and without. */
const networkMb = 1250;
const processMb = 150;
/** For each million pixels: the picture, the result, the sums of the tiles or the planes of light. */
const picturesMb = { quick: 32, network: 45 } as const;

export function estimateRestore({ params, level, pictures }: RestoreTask): ProcessorEstimate {
  const size = pictures[0] ?? { width: 1, height: 1 };
  const millions = (size.width * size.height) / 1e6;
  const output = { width: size.width, height: size.height };
  const after = encodeSeconds * millions;
  if (level === 'quick') {
    const seconds = 0.3 + withoutNetwork(params.mode, size) + after;
    return { seconds, cpuThreads: 1, memoryMb: Math.ceil(processMb + picturesMb.quick * millions), models: [], output };
  }
  const runs = params.mode === 'lowlight' ? 1 : tilesIn(size, level);
  return {
    seconds: loadSeconds + tileSeconds[params.mode] * runs + (params.mode === 'lowlight' ? withoutNetwork('lowlight', size) : 0) + after,
    cpuThreads: 2,
    memoryMb: Math.ceil(networkMb + picturesMb.network * millions),
    models: [networkOf[params.mode]],
    output,
  };
}

/** What is brightened may have its noise removed too. */
function withoutNetwork(mode: Mode, { width, height }: PictureSize): number {
  const millions = (width * height) / 1e6;
  const noise = quickSeconds.denoise * (width * height > coarsePixels ? 0.3 : 1) * millions;
  if (mode === 'denoise') return noise;
  return quickSeconds[mode] * millions + (mode === 'lowlight' ? noise : 0);
}

function tilesIn(size: PictureSize, level: Exclude<WorkLevel, 'quick'>): number {
  // Smaller pictures are mirrored up to one tile.
  const whole = { width: Math.max(size.width, networkSide), height: Math.max(size.height, networkSide) };
  return tiledPixels(whole, tilesOf(level)) / networkSide ** 2;
}

/** Longest work that is begun without being asked for, in seconds. */
const patience = 180;

/** The network where it is installed and done in a few minutes, else quick: about one megapixel, and any size for low light. */
export function autoLevel(task: Omit<RestoreTask, 'level'>): WorkLevel {
  const isInstalled = task.installed?.includes(networkOf[task.params.mode]) ?? false;
  return isInstalled && estimateRestore({ ...task, level: 'normal' }).seconds <= patience ? 'normal' : 'quick';
}
