import { definePlugin, defineProcessor } from '#core';
import { upscaleModels } from './upscale-models.ts';
import { autoLevel, estimateUpscale, upscaleParams } from './upscale-plan.ts';

export default definePlugin({
  name: 'upscale',
  version: '1.0.0',
  apiVersion: 1,
  title: { en: 'Enlarge pictures', fa: 'بزرگ‌کردن تصویر', ar: 'تكبير الصور' },
  description: {
    en: 'Makes a picture 2, 3, 4 or 8 times as large, with a network that restores edges and texture, or with exact interpolation.',
    fa: 'تصویر را ۲، ۳، ۴ یا ۸ برابر می‌کند؛ با شبکه‌ای که لبه‌ها و بافت را بازسازی می‌کند، یا با درون‌یابی دقیق.',
    ar: 'يكبّر الصورة مرتين أو 3 أو 4 أو 8 مرات، بشبكة تستعيد الحواف والنسيج، أو باستيفاء دقيق.',
  },
  models: upscaleModels,
  processors: {
    upscale: defineProcessor({
      title: { en: 'Enlarge', fa: 'بزرگ‌کردن', ar: 'تكبير' },
      description: {
        en: 'A larger picture of the same scene.',
        fa: 'تصویری بزرگ‌تر از همان صحنه.',
        ar: 'صورة أكبر للمشهد نفسه.',
      },
      icon: 'expand',
      input: { minPictures: 1, maxPictures: 1 },
      params: upscaleParams,
      autoLevel,
      estimate: estimateUpscale,
    }),
  },
  commands: [
    {
      name: 'upscale',
      summary: {
        en: 'Enlarge the attached or the newest picture',
        fa: 'تصویر پیوست‌شده یا تازه‌ترین تصویر را بزرگ می‌کند',
        ar: 'يكبّر الصورة المرفقة أو أحدث صورة',
      },
      usage: '/upscale [2|3|4|8]',
      example: '/upscale 4',
      args: [{ name: 'scale', required: false, choices: ['2', '3', '4', '8'], param: 'scale' }],
      processor: 'upscale',
    },
  ],
  actions: [
    {
      id: 'upscale-2x',
      on: 'picture',
      title: { en: 'Enlarge 2×', fa: 'بزرگ‌کردن ۲ برابر', ar: 'تكبير ×2' },
      icon: 'expand',
      processor: 'upscale',
      params: { scale: '2' },
    },
    {
      id: 'upscale-4x',
      on: 'picture',
      title: { en: 'Enlarge 4×', fa: 'بزرگ‌کردن ۴ برابر', ar: 'تكبير ×4' },
      icon: 'expand',
      processor: 'upscale',
      params: { scale: '4' },
    },
  ],
  starters: [
    {
      title: { en: 'Enlarge a small picture', fa: 'بزرگ‌کردن یک تصویر کوچک', ar: 'تكبير صورة صغيرة' },
      text: { en: '/upscale 4', fa: '/upscale 4', ar: '/upscale 4' },
    },
  ],
  setup: async ({ models }) => {
    const { UpscaleProcessor } = await import('./upscale-processor.ts');
    return { processors: { upscale: new UpscaleProcessor(models) } };
  },
});
