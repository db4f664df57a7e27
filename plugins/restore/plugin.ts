import { definePlugin, defineProcessor } from '#core';
import { restoreModels } from './restore-models.ts';
import { autoLevel, estimateRestore, modes, restoreParams } from './restore-plan.ts';

export default definePlugin({
  name: 'restore',
  version: '1.0.0',
  apiVersion: 1,
  title: { en: 'Restore pictures', fa: 'بازسازی تصویر', ar: 'ترميم الصور' },
  description: {
    en: 'Removes noise, sharpens what is blurred, and brightens what was taken in the dark.',
    fa: 'نویز را برمی‌دارد، تاری را کم می‌کند و عکس‌های کم‌نور را روشن می‌کند.',
    ar: 'يزيل التشويش، ويزيد حدة ما هو ضبابي، ويضيء ما صُوّر في الظلام.',
  },
  models: restoreModels,
  processors: {
    restore: defineProcessor({
      title: { en: 'Restore', fa: 'بازسازی', ar: 'ترميم' },
      description: {
        en: 'The same picture without noise, sharper or brighter.',
        fa: 'همان تصویر، بدون نویز، واضح‌تر یا روشن‌تر.',
        ar: 'الصورة نفسها بلا تشويش أو أكثر حدة أو إضاءة.',
      },
      icon: 'wand',
      input: { minPictures: 1, maxPictures: 1 },
      params: restoreParams,
      autoLevel,
      estimate: estimateRestore,
    }),
  },
  commands: [
    {
      name: 'restore',
      summary: {
        en: 'Remove noise or blur from the attached or the newest picture, or brighten it',
        fa: 'نویز یا تاریِ تصویر پیوست‌شده یا تازه‌ترین تصویر را برمی‌دارد یا آن را روشن می‌کند',
        ar: 'يزيل التشويش أو الضبابية من الصورة المرفقة أو أحدث صورة، أو يضيئها',
      },
      usage: '/restore [denoise|deblur|lowlight] [0..1]',
      example: '/restore lowlight 0.8',
      args: [
        { name: 'mode', required: false, choices: modes, param: 'mode' },
        { name: 'strength', required: false, param: 'strength' },
      ],
      processor: 'restore',
    },
  ],
  actions: [
    {
      id: 'restore-denoise',
      on: 'picture',
      title: { en: 'Remove noise', fa: 'حذف نویز', ar: 'إزالة التشويش' },
      icon: 'wand',
      processor: 'restore',
      params: { mode: 'denoise' },
    },
    {
      id: 'restore-deblur',
      on: 'picture',
      title: { en: 'Sharpen', fa: 'واضح‌کردن', ar: 'زيادة الحدة' },
      icon: 'wand',
      processor: 'restore',
      params: { mode: 'deblur' },
    },
    {
      id: 'restore-lowlight',
      on: 'picture',
      title: { en: 'Brighten', fa: 'روشن‌کردن', ar: 'إضاءة' },
      icon: 'wand',
      processor: 'restore',
      params: { mode: 'lowlight' },
    },
  ],
  starters: [
    {
      title: { en: 'Brighten a dark photo', fa: 'روشن‌کردن یک عکس تاریک', ar: 'إضاءة صورة معتمة' },
      text: { en: '/restore lowlight', fa: '/restore lowlight', ar: '/restore lowlight' },
    },
  ],
  setup: async ({ models }) => {
    const { RestoreProcessor } = await import('./restore-processor.ts');
    return { processors: { restore: new RestoreProcessor(models) } };
  },
});
