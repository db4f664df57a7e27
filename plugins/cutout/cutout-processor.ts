import {
  BaseProcessor,
  createPace,
  fillTransparent,
  type ModelSessions,
  type Picture,
  type Plane,
  type ProcessorInput,
  type ProcessorOutput,
  type ProcessorRun,
  peakOf,
  refusal,
  resamplePicture,
  resamplePlane,
  toEightBit,
} from '#core';
import { blurredBackground, coveringPicture, plainBackground } from './backgrounds.ts';
import { coarseMatte } from './coarse-matte.ts';
import { compose } from './compose.ts';
import { personModel } from './cutout-models.ts';
import { type CutoutParams, workSize } from './cutout-plan.ts';
import { type LayerColours, layerColours } from './foreground.ts';
import { refineMatte } from './refine-matte.ts';

const nobody = {
  en: 'No person was found in this picture. Only people can be cut out.',
  fa: 'شخصی در این تصویر پیدا نشد. تنها افراد را می‌توان جدا کرد.',
  ar: 'لم يُعثر على شخص في هذه الصورة. يمكن قص الأشخاص فقط.',
};

/** What is known when the background is chosen. */
interface Scene {
  readonly picture: Picture;
  readonly second: Picture | undefined;
  readonly workMatte: Plane;
  readonly layers: LayerColours;
}

export class CutoutProcessor extends BaseProcessor<CutoutParams> {
  readonly #models: ModelSessions;

  constructor(models: ModelSessions) {
    super('cutout', '1.0.0');
    this.#models = models;
  }

  protected override async run({ pictures, params, level }: ProcessorInput<CutoutParams>, run: ProcessorRun): Promise<ProcessorOutput> {
    const { signal } = run;
    const [given, second] = pictures;
    if (given === undefined)
      throw refusal({ en: 'There is no picture to cut out from.', fa: 'تصویری برای جداکردن نیست.', ar: 'لا توجد صورة للقص منها.' });
    if (params.background === 'picture' && second === undefined)
      throw refusal({
        en: 'Give a second picture: it becomes the background.',
        fa: 'تصویر دومی هم بدهید: پس‌زمینه می‌شود.',
        ar: 'أضف صورة ثانية: تصبح هي الخلفية.',
      });
    const picture = await fillTransparent(given, signal);
    const eight = toEightBit(picture);
    const work = await resamplePicture(eight, workSize(given), { kernel: 'bilinear', signal });
    const session = await this.#models.open(personModel, { threads: run.threads });
    run.progress(15);
    const coarse = await coarseMatte(work, session, level, signal);
    if (coarse === null) throw refusal(nobody);
    run.progress(35);
    const matte = await refineMatte(eight, coarse, params.edge, signal);
    run.progress(60);
    const workMatte = await resamplePlane(matte, work, { kernel: 'bilinear', signal });
    const layers = await layerColours(picture, workMatte, createPace(signal));
    run.progress(75);
    const behind = await backgroundOf({ picture, second, workMatte, layers }, params, signal);
    run.progress(85);
    multiplyByAlpha(matte, given);
    const result = await compose(picture, matte, layers, { behind, signal });
    const facts = { background: params.background, edge: params.edge, method: personModel, provider: session.provider };
    return { pictures: [{ picture: result }], facts };
  }
}

async function backgroundOf(scene: Scene, { background, color }: CutoutParams, signal: AbortSignal): Promise<Picture | null> {
  const { picture, second, workMatte, layers } = scene;
  const peak = peakOf(picture);
  if (background === 'blur') return blurredBackground(layers, workMatte, { size: picture, peak, signal });
  if (background === 'color') return plainBackground(picture, color, peak);
  if (background === 'picture' && second !== undefined) return coveringPicture(second, picture, peak, signal);
  return null;
}

/** What was transparent before stays so. */
function multiplyByAlpha(matte: Plane, { channels, data }: Picture): void {
  if (channels !== 4) return;
  const part = 1 / peakOf({ data });
  for (let i = 0, from = 3; i < matte.data.length; i += 1, from += 4) matte.data[i] = (matte.data[i] ?? 0) * (data[from] ?? 0) * part;
}
