import type { ModelSession, Picture, PictureSize, ProcessorRun, WorkLevel } from '#core';
import { createScheduler } from './create-scheduler.ts';
import { boundSize, createDenoiser, type Denoiser, hearsGuidance, latentChannels } from './denoiser.ts';
import type { ImagineParams } from './imagine-params.ts';
import { previewOfLatents } from './latent-preview.ts';
import type { ModelFolder } from './model-folder.ts';
import { type Plan, planFor } from './model-kinds.ts';
import { isolated, refusal } from './refusal.ts';
import { combine, type Scheduler, type SchedulerName } from './scheduler.ts';
import type { SessionRoom } from './session-room.ts';
import { fittedSource } from './source-picture.ts';
import { type Condition, type EncodedText, encodeText, encodeTextTwice, silence } from './text-encoding.ts';
import { createTorchNoise, type NoiseSource } from './torch-noise.ts';
import { decodeLatents, encodePicture, latentStride } from './vae.ts';

export interface PaintOrder {
  readonly params: ImagineParams;
  readonly level: WorkLevel;
  /** The picture to begin with. */
  readonly source: Picture | undefined;
  readonly seed: number;
  readonly folder: ModelFolder;
  readonly room: SessionRoom;
  /** Larger latents a side are decoded in tiles. */
  readonly decodeTile: number;
}

export interface Painted {
  readonly picture: Picture;
  readonly plan: Plan;
  readonly scheduler: SchedulerName;
  readonly seed: number;
  /** Tokens of the text that the model could not hear. */
  readonly dropped: number;
}

/** Shares of the way, in percent, after which a part is done: loading and hearing the text; the steps; decoding. */
const heard = 5;
const stepped = 92;
/** Previews come no more often, in ms. */
const previewEveryMs = 1000;

/** One picture, from its words (and a source) to its pixels. Looks at the signal between all runs of a network. */
export async function paint(order: PaintOrder, run: ProcessorRun): Promise<Painted> {
  const { params, folder, room, source, level } = order;
  const noise = createTorchNoise(order.seed);
  const wished = planFor(folder.kind, level, params, source);
  const { positive, negative } = await hear(order, wished.guidance > 1, run);
  const scheduler = schedulerName(params, folder);
  const unet = await room.open('unet');
  const plan = settledPlan(order, unet, wished);
  const begun = source === undefined ? null : await startFrom(order, { source, plan }, { noise, run });
  const size = latentSize(plan);
  const denoiser = createDenoiser(unet, { size, guidance: plan.guidance });
  const steps = createScheduler(scheduler, {
    config: { ...folder.noise, karras: params.karras ?? folder.noise.karras },
    steps: plan.steps,
    strength: begun === null ? 1 : params.strength,
    noise,
  });
  const guided = plan.guidance > 1 && !hearsGuidance(unet) && negative !== null;
  const conditions = guided ? [negative, positive] : [positive];
  const latents = await walk({ steps, denoiser, conditions, guidance: plan.guidance, begun, noise, size, family: folder.kind.family }, run);
  await room.done('unet');
  const picture = await finish(order, { latents, size }, run);
  return { picture, plan, scheduler, seed: order.seed, dropped: positive.dropped };
}

function latentSize({ width, height }: PictureSize): PictureSize {
  return { width: width / latentStride, height: height / latentStride };
}

function schedulerName(params: ImagineParams, folder: ModelFolder): SchedulerName {
  return params.scheduler === 'auto' ? folder.scheduler : params.scheduler;
}

/**
 * What only the graph can tell: some exports take one size alone, and an LCM that is not told its guidance was made to do without.
 * @throws AppError BAD_REQUEST when another size was asked for
 */
function settledPlan({ params, folder, level, source }: PaintOrder, unet: ModelSession, wished: Plan): Plan {
  const withoutGuidance = folder.kind.habit === 'lcm' && params.guidance === undefined && !hearsGuidance(unet);
  const plan = withoutGuidance ? { ...wished, guidance: 1 } : wished;
  const bound = boundSize(unet);
  if (bound === null) return plan;
  const width = bound.width * latentStride;
  const height = bound.height * latentStride;
  if ((params.width ?? width) !== width || (params.height ?? height) !== height)
    throw refusal('BAD_REQUEST', {
      en: `This model was exported for pictures of ${width} x ${height} alone.`,
      fa: `این مدل تنها برای تصویر ${isolated(`${width} x ${height}`)} ساخته شده است.`,
      ar: `أُعدّ هذا النموذج لصور ${isolated(`${width} x ${height}`)} فقط.`,
    });
  return { ...planFor(folder.kind, level, { ...params, width, height }, source), guidance: plan.guidance };
}

interface Heard {
  readonly positive: EncodedText;
  /** Null where nothing is to be avoided and none is needed. */
  readonly negative: Condition | null;
}

async function hear(order: PaintOrder, guided: boolean, run: ProcessorRun): Promise<Heard> {
  const { params, folder, room } = order;
  run.progress(0, { en: 'Reading the words', fa: 'خواندن متن', ar: 'قراءة النص' });
  const encode = await encoderOf(order);
  const positive = await encode(params.prompt);
  run.signal.throwIfAborted();
  const silent = params.negative === '' && folder.silentNegative;
  const negative = !guided ? null : silent ? silence(positive) : await encode(params.negative);
  await room.done('text_encoder');
  await room.done('text_encoder_2');
  run.signal.throwIfAborted();
  run.progress(heard, { en: 'Loading the network', fa: 'بارگذاری شبکه', ar: 'تحميل الشبكة' });
  return { positive, negative };
}

async function encoderOf({ folder, room }: PaintOrder): Promise<(text: string) => Promise<EncodedText>> {
  const { tokenizers } = folder;
  const first = await room.open('text_encoder');
  if (tokenizers.length === 1) return (text) => encodeText(first, tokenizers[0], text);
  const second = await room.open('text_encoder_2');
  return (text) => encodeTextTwice([first, second], tokenizers, text);
}

interface Begun {
  /** Latents of the source. */
  readonly original: Float32Array;
}

async function startFrom(
  { room, folder }: PaintOrder,
  { source, plan }: { readonly source: Picture; readonly plan: Plan },
  { noise, run }: { readonly noise: NoiseSource; readonly run: ProcessorRun },
): Promise<Begun> {
  if (!room.has('vae_encoder'))
    throw refusal('MODEL_MISSING', {
      en: 'To begin with a picture the model needs vae_encoder/model.onnx, which is not there. Without a picture it works.',
      fa: `برای آغاز از تصویر، مدل به ${isolated('vae_encoder/model.onnx')} نیاز دارد که نیست. بی‌تصویر کار می‌کند.`,
      ar: `للبدء من صورة يحتاج النموذج إلى ${isolated('vae_encoder/model.onnx')} وهو غير موجود. من دون صورة يعمل.`,
    });
  const fitted = await fittedSource(source, plan, run.signal);
  const original = await encodePicture(await room.open('vae_encoder'), fitted, folder.latents, noise);
  await room.done('vae_encoder');
  run.signal.throwIfAborted();
  return { original };
}

interface Walk {
  readonly steps: Scheduler;
  readonly denoiser: Denoiser;
  /** The text, or what to avoid and the text. */
  readonly conditions: readonly Condition[];
  readonly guidance: number;
  readonly begun: Begun | null;
  readonly noise: NoiseSource;
  readonly size: PictureSize;
  readonly family: 'sd' | 'sdxl';
}

/** From noise to latents, step by step. */
async function walk({ steps, denoiser, conditions, guidance, begun, noise, size, family }: Walk, run: ProcessorRun): Promise<Float32Array> {
  const first = noise(latentChannels * size.width * size.height);
  let sample = begun === null ? first.map((value) => value * steps.initialScale) : steps.addNoise(begun.original, first, steps.start);
  const last = steps.timesteps.length;
  let shownAt = Number.NEGATIVE_INFINITY;
  for (let index = steps.start; index < last; index += 1) {
    run.signal.throwIfAborted();
    const seen = steps.scaleInput(sample, index);
    const answers = await predicted(denoiser.predict(seen, steps.timesteps[index] ?? 0, conditions), size);
    const result = steps.step(guide(answers, guidance), sample, index);
    sample = result.sample;
    const [done, all] = [index + 1 - steps.start, last - steps.start];
    run.progress(heard + ((stepped - heard) * done) / all, {
      en: `Step ${done} of ${all}`,
      fa: `گام ${done} از ${all}`,
      ar: `الخطوة ${done} من ${all}`,
    });
    if (done < all && performance.now() - shownAt >= previewEveryMs) {
      run.preview(previewOfLatents(result.original, size, family));
      shownAt = performance.now();
    }
    // A run blocks the process: here it hears of a cancel.
    await new Promise<void>((resolve) => setImmediate(resolve));
  }
  run.signal.throwIfAborted();
  return sample;
}

/** Networks halve the latents three times: an odd size is refused by the runtime in words that help nobody. */
async function predicted(answers: Promise<Float32Array[]>, { width, height }: PictureSize): Promise<Float32Array[]> {
  try {
    return await answers;
  } catch (error) {
    if (width % 8 === 0 && height % 8 === 0) throw error;
    throw refusal('BAD_REQUEST', {
      en: 'This model takes only widths and heights that are multiples of 64.',
      fa: 'این مدل تنها پهنا و بلندایی را می‌پذیرد که مضرب ۶۴ باشد.',
      ar: 'لا يقبل هذا النموذج إلا عرضًا وارتفاعًا من مضاعفات 64.',
    });
  }
}

/** Classifier-free guidance: away from what is to be avoided, `guidance` times as far as the text itself goes. */
function guide(answers: readonly Float32Array[], guidance: number): Float32Array {
  const [first = new Float32Array(), second] = answers;
  return second === undefined ? first : combine(first, second, (avoided, wanted) => avoided + guidance * (wanted - avoided));
}

async function finish(
  { room, folder, decodeTile }: PaintOrder,
  { latents, size }: { readonly latents: Float32Array; readonly size: PictureSize },
  run: ProcessorRun,
): Promise<Picture> {
  run.progress(stepped, { en: 'Making pixels', fa: 'ساختن پیکسل‌ها', ar: 'تكوين البكسلات' });
  const decoder = await room.open('vae_decoder');
  const picture = await decodeLatents(decoder, latents, {
    ...folder.latents,
    size,
    side: decodeTile,
    signal: run.signal,
    onTile: (done, all) => run.progress(stepped + ((99 - stepped) * done) / all),
  });
  await room.done('vae_decoder');
  return picture;
}
