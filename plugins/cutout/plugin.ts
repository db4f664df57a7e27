import { definePlugin, defineProcessor } from '#core';
import { cutoutModels } from './cutout-models.ts';
import { backgrounds, cutoutParams, estimateCutout } from './cutout-plan.ts';

export default definePlugin({
  name: 'cutout',
  version: '1.0.0',
  apiVersion: 1,
  title: { en: 'Cut out people', fa: 'جداکردن افراد از پس‌زمینه', ar: 'قص الأشخاص من الخلفية' },
  description: {
    en: 'Separates people from the background, along their hair: a transparent picture, the background out of focus, a colour or another picture.',
    fa: 'افراد را با دقتِ تار مو از پس‌زمینه جدا می‌کند: تصویر شفاف، پس‌زمینهٔ محو، یک رنگ یا تصویری دیگر.',
    ar: 'يفصل الأشخاص عن الخلفية حتى أطراف الشعر: صورة شفافة، أو خلفية ضبابية، أو لون، أو صورة أخرى.',
  },
  models: cutoutModels,
  processors: {
    cutout: defineProcessor({
      title: { en: 'Cut out person', fa: 'جداکردن شخص', ar: 'قص الشخص' },
      description: {
        en: 'The person of the first picture, before another background. A second picture can be that background.',
        fa: 'شخصِ تصویر نخست، جلوی پس‌زمینه‌ای دیگر. تصویر دوم می‌تواند آن پس‌زمینه باشد.',
        ar: 'الشخص في الصورة الأولى أمام خلفية أخرى. ويمكن أن تكون الصورة الثانية هي تلك الخلفية.',
      },
      icon: 'scissors',
      input: { minPictures: 1, maxPictures: 2 },
      params: cutoutParams,
      estimate: estimateCutout,
    }),
  },
  commands: [
    {
      name: 'cutout',
      summary: {
        en: 'Cut the person out of the attached or the newest picture',
        fa: 'شخص را از تصویر پیوست‌شده یا تازه‌ترین تصویر جدا می‌کند',
        ar: 'يقص الشخص من الصورة المرفقة أو من أحدث صورة',
      },
      usage: '/cutout [transparent|blur|color|picture] [#rrggbb]',
      example: '/cutout blur',
      args: [
        { name: 'background', required: false, choices: backgrounds, param: 'background' },
        { name: 'color', required: false, param: 'color' },
      ],
      processor: 'cutout',
    },
  ],
  actions: [
    {
      id: 'cutout-person',
      on: 'picture',
      title: { en: 'Cut out person', fa: 'جداکردن شخص', ar: 'قص الشخص' },
      icon: 'scissors',
      processor: 'cutout',
      params: { background: 'transparent' },
    },
    {
      id: 'blur-background',
      on: 'picture',
      title: { en: 'Blur background', fa: 'محوکردن پس‌زمینه', ar: 'تمويه الخلفية' },
      icon: 'scissors',
      processor: 'cutout',
      params: { background: 'blur' },
    },
  ],
  starters: [
    {
      title: { en: 'Cut a person out of a photo', fa: 'جداکردن شخص از یک عکس', ar: 'قص شخص من صورة' },
      text: { en: '/cutout', fa: '/cutout', ar: '/cutout' },
    },
  ],
  setup: async ({ models }) => {
    const { CutoutProcessor } = await import('./cutout-processor.ts');
    return { processors: { cutout: new CutoutProcessor(models) } };
  },
});
