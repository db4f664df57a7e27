import { definePlugin, defineProcessor } from '#core';
import { estimateOcr, ocrModels, ocrParams } from './ocr-plan.ts';

export default definePlugin({
  name: 'ocr',
  version: '1.0.0',
  apiVersion: 1,
  title: { en: 'Read text', fa: 'خواندن متن', ar: 'قراءة النص' },
  description: {
    en: 'Reads printed text in pictures: Latin letters, digits and Chinese. Persian, Arabic and other scripts are not covered.',
    fa: 'متن چاپی را در تصویر می‌خواند: حروف لاتین، رقم‌ها و چینی. خط فارسی، عربی و خط‌های دیگر را نمی‌خواند.',
    ar: 'يقرأ النص المطبوع في الصور: الحروف اللاتينية والأرقام والصينية. لا يقرأ العربية والفارسية والكتابات الأخرى.',
  },
  models: ocrModels,
  processors: {
    ocr: defineProcessor({
      title: { en: 'Read text', fa: 'خواندن متن', ar: 'قراءة النص' },
      description: {
        en: 'The text of a picture, in reading order, with the place of each line. Latin letters, digits and Chinese only.',
        fa: 'متن تصویر به ترتیب خواندن، با جای هر خط. تنها حروف لاتین، رقم‌ها و چینی.',
        ar: 'نص الصورة بترتيب القراءة مع موضع كل سطر. الحروف اللاتينية والأرقام والصينية فقط.',
      },
      icon: 'text',
      input: { minPictures: 1, maxPictures: 1 },
      params: ocrParams,
      autoLevel: ({ pictures }) => (pictures.some(({ width, height }) => Math.max(width, height) > 2000) ? 'deep' : 'normal'),
      estimate: estimateOcr,
    }),
  },
  commands: [
    {
      name: 'ocr',
      summary: {
        en: 'Reads the text in the attached or the newest picture (Latin, digits, Chinese)',
        fa: 'متن تصویر پیوست‌شده یا تازه‌ترین تصویر را می‌خواند (لاتین، رقم، چینی)',
        ar: 'يقرأ نص الصورة المرفقة أو أحدث صورة (لاتينية وأرقام وصينية)',
      },
      usage: '/ocr',
      example: '/ocr',
      args: [],
      processor: 'ocr',
    },
  ],
  actions: [{ id: 'read', on: 'picture', title: { en: 'Read text', fa: 'خواندن متن', ar: 'قراءة النص' }, icon: 'text', processor: 'ocr' }],
  setup: async ({ models }) => {
    const { OcrProcessor } = await import('./ocr-processor.ts');
    return { processors: { ocr: new OcrProcessor(models) } };
  },
});
