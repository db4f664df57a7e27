import { definePlugin, defineProcessor } from '#core';
import { estimateImagine } from './imagine-estimate.ts';
import { imagineModels } from './imagine-models.ts';
import { imagineConfig, imagineParams } from './imagine-params.ts';

export default definePlugin({
  name: 'imagine',
  version: '1.0.0',
  apiVersion: 1,
  title: { en: 'Paint pictures', fa: 'کشیدن تصویر', ar: 'رسم الصور' },
  description: {
    en: 'Paints a picture from words, or changes one, with a Stable Diffusion model that the operator brings.',
    fa: 'از روی متن تصویر می‌کشد یا تصویری را دگرگون می‌کند، با مدل Stable Diffusion که گرداننده می‌آورد.',
    ar: 'يرسم صورة من كلمات أو يغيّر صورة، بنموذج Stable Diffusion يحضره المشغّل.',
  },
  config: imagineConfig,
  models: imagineModels,
  processors: {
    imagine: defineProcessor({
      title: { en: 'Paint', fa: 'کشیدن', ar: 'رسم' },
      description: {
        en: 'A picture from words. With a picture attached: the same picture, changed as the words say.',
        fa: 'تصویری از روی متن. با تصویر پیوست: همان تصویر، دگرگون‌شده چنان که متن می‌گوید.',
        ar: 'صورة من كلمات. مع صورة مرفقة: الصورة نفسها مغيَّرة كما تقول الكلمات.',
      },
      icon: 'sparkle',
      input: { minPictures: 0, maxPictures: 1 },
      params: imagineParams,
      estimate: estimateImagine,
      isRepeatable: ({ seed }) => seed !== undefined,
    }),
  },
  commands: [
    {
      name: 'imagine',
      summary: {
        en: 'Paint a picture from words, or change the attached one',
        fa: 'از روی متن تصویر می‌کشد یا تصویر پیوست را دگرگون می‌کند',
        ar: 'يرسم صورة من كلمات أو يغيّر الصورة المرفقة',
      },
      usage: '/imagine <words> [seed=…] [steps=…] [strength=…]',
      example: '/imagine a lighthouse in a storm, oil painting seed=7',
      args: [{ name: 'words', required: true, param: 'prompt', rest: true }],
      processor: 'imagine',
    },
  ],
  starters: [
    {
      title: { en: 'Paint a picture', fa: 'تصویری بکش', ar: 'ارسم صورة' },
      text: {
        en: '/imagine a lighthouse in a storm, oil painting',
        fa: '/imagine a garden in Shiraz at dawn, watercolour',
        ar: '/imagine an old harbour at dusk, watercolour',
      },
    },
  ],
  setup: async ({ models, config }) => {
    const { ImagineProcessor } = await import('./imagine-processor.ts');
    return { processors: { imagine: new ImagineProcessor(models, config) } };
  },
});
