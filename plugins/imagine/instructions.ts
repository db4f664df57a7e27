import type { Words } from '#core';
import { expectedKinds, type ModelName } from './model-kinds.ts';
import { isolated } from './refusal.ts';

/** Where each model is published, for `optimum-cli export onnx --model …`. */
const published: Readonly<Record<ModelName, { readonly title: string; readonly repository: string }>> = {
  imagine: { title: 'any Stable Diffusion model of your choice', repository: 'OWNER/MODEL' },
  'sd-turbo': { title: 'SD-Turbo', repository: 'stabilityai/sd-turbo' },
  lcm: { title: 'LCM Dreamshaper v7', repository: 'SimianLuo/LCM_Dreamshaper_v7' },
  'sdxl-turbo': { title: 'SDXL-Turbo', repository: 'stabilityai/sdxl-turbo' },
  sd15: { title: 'Stable Diffusion 1.5', repository: 'stable-diffusion-v1-5/stable-diffusion-v1-5' },
  sdxl: { title: 'Stable Diffusion XL 1.0', repository: 'stabilityai/stable-diffusion-xl-base-1.0' },
};

export function titleOf(name: ModelName): string {
  return published[name].title;
}

/** The files without which nothing is painted, relative to the model's folder. */
export function neededFiles(name: ModelName): readonly string[] {
  const second = expectedKinds[name].family === 'sdxl';
  return [
    'scheduler/scheduler_config.json',
    'tokenizer/vocab.json',
    'tokenizer/merges.txt',
    ...(second ? ['tokenizer_2/vocab.json', 'tokenizer_2/merges.txt'] : []),
    'text_encoder/model.onnx',
    ...(second ? ['text_encoder_2/model.onnx'] : []),
    'unet/model.onnx',
    'vae_decoder/model.onnx',
  ];
}

function fileList(name: ModelName): string {
  const folder = `DATA_DIR/models/${name}/`;
  return [
    ...neededFiles(name).map((path) => `- ${folder}${path}`),
    `- ${folder}model_index.json`,
    `- ${folder}vae_encoder/model.onnx`,
  ].join('\n');
}

const gemini = '/model gemini-nano-banana-2.1';

/** What an operator has to bring, file by file. */
export function instructionsFor(name: ModelName): Words {
  const { title, repository } = published[name];
  const files = fileList(name);
  const apart = files.split('\n').map(isolated).join('\n');
  const command = `optimum-cli export onnx --model ${repository} ${name}`;
  return {
    en: `The weights of ${title} are not here; they may not be shipped, so an operator brings them, in the Hugging Face ONNX layout:

${files}

Files named model.onnx_data or weights.pb belong beside the model.onnx they came with. The last two of the list are not always needed: without vae_encoder no picture can be given to begin with. A link to such a folder will do. On any computer with Python this makes the folder: ${command}

Where this server has a Gemini key you need no weights: type ${gemini} and say what to paint.`,
    fa: `وزن‌های ${title} اینجا نیست. اجازهٔ پخش آن‌ها را نداریم؛ گرداننده باید آن‌ها را با چیدمان ONNX هاگینگ‌فیس بیاورد:

${apart}

فایل‌های model.onnx_data و weights.pb باید کنار همان model.onnx خود باشند. دو فایل آخر همیشه لازم نیست: بدون vae_encoder نمی‌توان از تصویر آغاز کرد. پیوند به چنین پوشه‌ای هم کافی است. این دستور روی هر رایانه‌ای با پایتون پوشه را می‌سازد: ${isolated(command)}

اگر این سرور کلید Gemini دارد، به وزن نیازی نیست: ${isolated(gemini)} را بنویسید و بگویید چه بکشد.`,
    ar: `أوزان ${title} غير موجودة هنا، ولا يُسمح لنا بتوزيعها؛ يحضرها المشغّل بتخطيط ONNX من Hugging Face:

${apart}

توضع الملفات model.onnx_data وweights.pb بجانب model.onnx الذي جاءت معه. آخر ملفين لا يلزمان دائمًا: دون vae_encoder لا يمكن البدء من صورة. ويكفي رابط إلى مجلد كهذا. هذا الأمر ينشئ المجلد على أي حاسوب فيه بايثون: ${isolated(command)}

إذا كان لهذا الخادم مفتاح Gemini فلا حاجة إلى أوزان: اكتب ${isolated(gemini)} وقل ماذا يرسم.`,
  };
}
