import { z } from 'zod';
import type { PictureSize, ProcessorEstimate, ProcessorTask } from '#core';
import { personModel } from './cutout-models.ts';

export const backgrounds = ['transparent', 'blur', 'color', 'picture'] as const;

export const cutoutParams = z.object({
  background: z
    .enum(backgrounds)
    .default('transparent')
    .meta({
      title: 'Background',
      description: 'What takes its place: nothing, itself out of focus, a colour, or a second picture',
      words: { en: 'Background', fa: 'پس‌زمینه', ar: 'الخلفية' },
      hint: { en: 'What takes its place', fa: 'چه چیزی جای آن را می‌گیرد', ar: 'ما الذي يحل محلها' },
      choices: {
        transparent: { en: 'None (transparent)', fa: 'هیچ (شفاف)', ar: 'بلا خلفية (شفاف)' },
        blur: { en: 'Out of focus', fa: 'محو', ar: 'ضبابية' },
        color: { en: 'One colour', fa: 'یک رنگ', ar: 'لون واحد' },
        picture: { en: 'The second picture', fa: 'تصویر دوم', ar: 'الصورة الثانية' },
      },
    }),
  color: z
    .string()
    .regex(/^#[0-9a-fA-F]{6}$/)
    .default('#ffffff')
    .meta({
      title: 'Colour',
      description: 'Of the background, such as #ffffff',
      words: { en: 'Colour of the background', fa: 'رنگ پس‌زمینه', ar: 'لون الخلفية' },
      hint: { en: 'Where one colour is chosen', fa: 'اگر «یک رنگ» برگزیده شود', ar: 'عند اختيار لون واحد' },
    }),
  edge: z
    .enum(['fine', 'soft', 'hard'])
    .default('fine')
    .meta({
      title: 'Edge',
      description: 'fine: follows hair; soft: a gentle transition; hard: a clean line',
      words: { en: 'Edge', fa: 'لبه', ar: 'الحافة' },
      hint: { en: 'How the border of the person is drawn', fa: 'مرز شخص چگونه کشیده شود', ar: 'كيف تُرسم حدود الشخص' },
      choices: {
        fine: { en: 'Fine, follows hair', fa: 'ظریف، همراه با تار مو', ar: 'دقيقة تتبع الشعر' },
        soft: { en: 'Soft', fa: 'نرم', ar: 'ناعمة' },
        hard: { en: 'A clean line', fa: 'خط صاف', ar: 'خط واضح' },
      },
    }),
});

export type CutoutParams = z.output<typeof cutoutParams>;

/** Longest side of the size in which the matte is worked out, in pixels; its edges follow the picture at full size. */
export const workSide = 1024;

export function workSize({ width, height }: PictureSize): PictureSize {
  const scale = Math.min(1, workSide / Math.max(width, height));
  return { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) };
}

/** Seconds on one thread: to begin, for a million pixels of the work, and of the picture (encoding as PNG included). The README says how they were measured. */
const fixedSeconds = 0.8;
const workSeconds = 2;
const pictureSeconds = 0.7;

export function estimateCutout({ params, pictures }: ProcessorTask<CutoutParams>): ProcessorEstimate {
  const size = pictures[0] ?? { width: 1, height: 1 };
  const second = params.background === 'picture' ? (pictures[1] ?? size) : { width: 0, height: 0 };
  const work = workSize(size);
  const millions = (of: PictureSize) => (of.width * of.height) / 1e6;
  return {
    seconds: fixedSeconds + workSeconds * millions(work) + pictureSeconds * millions(size) + 0.1 * millions(second),
    cpuThreads: 1,
    // The process, the planes of the work, and for each pixel the picture, its matte, the result and the encoder's copy.
    memoryMb: Math.ceil(120 + 150 * millions(work) + 24 * millions(size) + 4 * millions(second)),
    models: [personModel],
    output: { width: size.width, height: size.height },
  };
}
