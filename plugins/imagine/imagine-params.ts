import { z } from 'zod';
import { modelNames } from './model-kinds.ts';
import { schedulerNames } from './scheduler.ts';

/** In pixels. */
const side = z.number().int().min(64).max(2048).multipleOf(8).optional();

/** What a person may set for one picture. */
export const imagineParams = z.object({
  prompt: z.string().trim().max(2000).default('').meta({
    title: 'What to paint',
    description: 'In English: the models know little else. They read about the first 60 words.',
    fa: 'چه بکشد (به انگلیسی)',
    ar: 'ماذا يرسم (بالإنجليزية)',
  }),
  negative: z.string().trim().max(2000).default('').meta({
    title: 'What to avoid',
    description: 'Counts only where guidance is above 1.',
    fa: 'از چه پرهیز کند',
    ar: 'ما يجب تجنّبه',
  }),
  model: z
    .enum(['auto', ...modelNames])
    .default('auto')
    .meta({
      title: 'Model',
      description: 'A folder of DATA_DIR/models; auto: the one the administrator chose, else the first that is there.',
      fa: 'مدل',
      ar: 'النموذج',
    }),
  width: side.meta({ title: 'Width', description: 'In pixels, a multiple of 8 (most models want 64).', fa: 'پهنا', ar: 'العرض' }),
  height: side.meta({ title: 'Height', description: 'In pixels, a multiple of 8 (most models want 64).', fa: 'بلندا', ar: 'الارتفاع' }),
  steps: z.number().int().min(1).max(100).optional().meta({
    title: 'Steps',
    description: 'More steps take longer; as the model and the level say where empty.',
    fa: 'گام‌ها',
    ar: 'الخطوات',
  }),
  guidance: z.number().min(0).max(30).optional().meta({
    title: 'Guidance',
    description: 'How closely the words are followed. Above 1 each step takes twice as long; 0 for turbo models.',
    fa: 'پیروی از متن',
    ar: 'الالتزام بالنص',
  }),
  scheduler: z
    .enum(['auto', ...schedulerNames])
    .default('auto')
    .meta({
      title: 'Scheduler',
      description: 'The way from noise to the picture; auto: as the model was published.',
      fa: 'زمان‌بند',
      ar: 'المُجدوِل',
    }),
  karras: z.boolean().optional().meta({
    title: 'Karras sigmas',
    description: 'Smaller steps near the end; for euler, euler-ancestral and dpm++2m.',
    fa: 'سیگماهای کاراس',
    ar: 'سيغما كاراس',
  }),
  strength: z.number().min(0.05).max(1).default(0.6).meta({
    title: 'Strength',
    description: 'How much of a given picture may change: 0.05 hardly anything, 1 everything.',
    fa: 'شدت تغییر تصویر',
    ar: 'شدة تغيير الصورة',
  }),
  seed: z.number().int().min(0).max(4_294_967_295).optional().meta({
    title: 'Seed',
    description: 'The same seed and settings give the same picture; by chance where empty.',
    fa: 'بذر',
    ar: 'البذرة',
  }),
});
export type ImagineParams = z.output<typeof imagineParams>;

/** What an administrator sets. */
export const imagineConfig = z.object({
  model: z
    .enum(['auto', ...modelNames])
    .default('auto')
    .meta({
      title: 'Model',
      description: 'The folder of DATA_DIR/models that is used where nobody names one; auto: the first that is there.',
      fa: 'مدل پیش‌فرض',
      ar: 'النموذج الافتراضي',
    }),
  memory: z.enum(['auto', 'frugal', 'warm']).default('auto').meta({
    title: 'Memory',
    description: 'frugal: one network in memory at a time; warm: all stay for the next picture; auto: as the granted memory allows.',
    fa: 'حافظه',
    ar: 'الذاكرة',
  }),
  decodeTile: z.number().int().min(32).max(256).default(96).meta({
    title: 'Largest decode',
    description: 'In latent pixels (8 of the picture) a side; larger pictures are decoded in tiles.',
    fa: 'بزرگ‌ترین رمزگشایی',
    ar: 'أكبر فك ترميز',
  }),
});
export type ImagineConfig = z.output<typeof imagineConfig>;
