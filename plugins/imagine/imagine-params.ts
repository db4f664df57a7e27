import { z } from 'zod';
import { modelNames } from './model-kinds.ts';
import { schedulerNames } from './scheduler.ts';

/** In pixels. */
const side = z.number().int().min(64).max(2048).multipleOf(8).optional();

/** What a person may set for one picture. */
export const imagineParams = z.object({
  prompt: z
    .string()
    .trim()
    .max(2000)
    .default('')
    .meta({
      title: 'What to paint',
      description: 'In English: the models know little else. They read about the first 60 words.',
      fa: { title: 'چه بکشد (به انگلیسی)', description: 'مدل‌ها زبان دیگری را کم می‌دانند. حدود ۶۰ واژهٔ نخست خوانده می‌شود.' },
      ar: { title: 'ماذا يرسم (بالإنجليزية)', description: 'لا تعرف النماذج غيرها إلا قليلًا. تُقرأ نحو 60 كلمة أولى.' },
    }),
  negative: z
    .string()
    .trim()
    .max(2000)
    .default('')
    .meta({
      title: 'What to avoid',
      description: 'Counts only where guidance is above 1.',
      fa: { title: 'از چه پرهیز کند', description: 'تنها وقتی اثر دارد که پیروی از متن بیش از ۱ باشد.' },
      ar: { title: 'ما يجب تجنّبه', description: 'لا أثر له إلا إذا كان الالتزام بالنص أكبر من 1.' },
    }),
  model: z
    .enum(['auto', ...modelNames])
    .default('auto')
    .meta({
      title: 'Model',
      description: 'A folder of DATA_DIR/models; auto: the one the administrator chose, else the first that is there.',
      fa: { title: 'مدل', description: 'پوشه‌ای در DATA_DIR/models؛ خودکار: آنچه سرپرست برگزیده، وگرنه نخستین مدلی که هست.' },
      ar: { title: 'النموذج', description: 'مجلد في DATA_DIR/models. تلقائي: ما اختاره المدير، وإلا فأول نموذج موجود.' },
    }),
  width: side.meta({
    title: 'Width',
    description: 'In pixels, a multiple of 8 (most models want 64).',
    fa: { title: 'پهنا', description: 'به پیکسل، مضرب ۸ (بیشتر مدل‌ها مضرب ۶۴ می‌خواهند).' },
    ar: { title: 'العرض', description: 'بالبكسل، من مضاعفات 8 (معظم النماذج تريد مضاعفات 64).' },
  }),
  height: side.meta({
    title: 'Height',
    description: 'In pixels, a multiple of 8 (most models want 64).',
    fa: { title: 'بلندا', description: 'به پیکسل، مضرب ۸ (بیشتر مدل‌ها مضرب ۶۴ می‌خواهند).' },
    ar: { title: 'الارتفاع', description: 'بالبكسل، من مضاعفات 8 (معظم النماذج تريد مضاعفات 64).' },
  }),
  steps: z
    .number()
    .int()
    .min(1)
    .max(100)
    .optional()
    .meta({
      title: 'Steps',
      description: 'More steps take longer; as the model and the level say where empty.',
      fa: { title: 'گام‌ها', description: 'گام بیشتر زمان بیشتر می‌برد؛ خالی: چنان که مدل و سطح می‌گویند.' },
      ar: { title: 'الخطوات', description: 'الخطوات الأكثر تستغرق وقتًا أطول. عند الترك فارغًا: كما يحدد النموذج والمستوى.' },
    }),
  guidance: z
    .number()
    .min(0)
    .max(30)
    .optional()
    .meta({
      title: 'Guidance',
      description: 'How closely the words are followed. Above 1 each step takes twice as long; 0 for turbo models.',
      fa: {
        title: 'پیروی از متن',
        description: 'متن تا چه اندازه دنبال شود. بیش از ۱ هر گام را دو برابر طول می‌دهد؛ برای مدل‌های turbo صفر.',
      },
      ar: { title: 'الالتزام بالنص', description: 'مدى اتباع الكلمات. فوق 1 تستغرق كل خطوة ضعف الوقت؛ صفر لنماذج turbo.' },
    }),
  scheduler: z
    .enum(['auto', ...schedulerNames])
    .default('auto')
    .meta({
      title: 'Scheduler',
      description: 'The way from noise to the picture; auto: as the model was published.',
      fa: { title: 'زمان‌بند', description: 'راه از نویز به تصویر؛ خودکار: چنان که مدل منتشر شده است.' },
      ar: { title: 'المُجدوِل', description: 'الطريق من التشويش إلى الصورة. تلقائي: كما نُشر النموذج.' },
    }),
  karras: z
    .boolean()
    .optional()
    .meta({
      title: 'Karras sigmas',
      description: 'Smaller steps near the end; for euler, euler-ancestral and dpm++2m.',
      fa: { title: 'سیگماهای کاراس', description: 'گام‌های کوچک‌تر نزدیک پایان؛ برای euler، euler-ancestral و dpm++2m.' },
      ar: { title: 'سيغما كاراس', description: 'خطوات أصغر قرب النهاية، مع euler وeuler-ancestral وdpm++2m.' },
    }),
  strength: z
    .number()
    .min(0.05)
    .max(1)
    .default(0.6)
    .meta({
      title: 'Strength',
      description: 'How much of a given picture may change: 0.05 hardly anything, 1 everything.',
      fa: { title: 'شدت تغییر تصویر', description: 'تصویرِ داده‌شده چه اندازه می‌تواند تغییر کند: ۰٫۰۵ تقریباً هیچ، ۱ همه.' },
      ar: { title: 'شدة تغيير الصورة', description: 'كم يمكن أن تتغير الصورة المعطاة: 0.05 لا تكاد تتغير، 1 كلها.' },
    }),
  seed: z
    .number()
    .int()
    .min(0)
    .max(4_294_967_295)
    .optional()
    .meta({
      title: 'Seed',
      description: 'The same seed and settings give the same picture; by chance where empty.',
      fa: { title: 'بذر', description: 'بذر و تنظیم‌های یکسان تصویر یکسان می‌دهند؛ خالی: تصادفی.' },
      ar: { title: 'البذرة', description: 'البذرة نفسها والإعدادات نفسها تعطي الصورة نفسها. عند الترك فارغًا: عشوائية.' },
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
      fa: { title: 'مدل پیش‌فرض', description: 'پوشه‌ای در DATA_DIR/models که به کار می‌رود وقتی کسی نام نبرد؛ خودکار: نخستین مدلی که هست.' },
      ar: { title: 'النموذج الافتراضي', description: 'مجلد DATA_DIR/models المستخدم حين لا يسمّي أحد نموذجًا. تلقائي: أول نموذج موجود.' },
    }),
  memory: z
    .enum(['auto', 'frugal', 'warm'])
    .default('auto')
    .meta({
      title: 'Memory',
      description: 'How many of the networks of a model stay in memory.',
      fa: { title: 'حافظه', description: 'چند شبکهٔ یک مدل در حافظه می‌ماند.' },
      ar: { title: 'الذاكرة', description: 'كم من شبكات النموذج يبقى في الذاكرة.' },
      choices: {
        auto: { en: 'As the granted memory allows', fa: 'به اندازهٔ حافظهٔ در دسترس', ar: 'حسب الذاكرة المتاحة' },
        frugal: { en: 'One at a time', fa: 'هر بار یکی', ar: 'واحدة في كل مرة' },
        warm: { en: 'All, for the next picture', fa: 'همه، برای تصویر بعدی', ar: 'كلها، للصورة التالية' },
      },
    }),
  decodeTile: z
    .number()
    .int()
    .min(32)
    .max(256)
    .default(96)
    .meta({
      title: 'Largest decode',
      description: 'In latent pixels (8 of the picture) a side; larger pictures are decoded in tiles.',
      fa: {
        title: 'بزرگ‌ترین رمزگشایی',
        description: 'ضلع، به پیکسل نهفته (هر یک ۸ پیکسل تصویر)؛ تصویرهای بزرگ‌تر کاشی به کاشی رمزگشایی می‌شوند.',
      },
      ar: { title: 'أكبر فك ترميز', description: 'طول الضلع بالبكسل الكامن (كل منها 8 من بكسلات الصورة)؛ تُفك الصور الأكبر قطعة قطعة.' },
    }),
});
export type ImagineConfig = z.output<typeof imagineConfig>;
