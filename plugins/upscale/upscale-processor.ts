import {
  BaseProcessor,
  channelOf,
  hasTransparency,
  type ModelSessions,
  type Picture,
  type ProcessorInput,
  type ProcessorOutput,
  type ProcessorRun,
  refusal,
  resamplePicture,
  withAlpha,
} from '#core';
import { enlargeByNetwork } from './network-enlarger.ts';
import { draftModel } from './upscale-models.ts';
import { outputSize, type UpscaleParams, type UpscaleWay, upscaleWay } from './upscale-plan.ts';

export class UpscaleProcessor extends BaseProcessor<UpscaleParams> {
  readonly #models: ModelSessions;

  constructor(models: ModelSessions) {
    super('upscale', '1.0.0');
    this.#models = models;
  }

  protected override async run({ pictures, params, level }: ProcessorInput<UpscaleParams>, run: ProcessorRun): Promise<ProcessorOutput> {
    const [picture] = pictures;
    if (picture === undefined)
      throw refusal({ en: 'There is no picture to enlarge.', fa: 'تصویری برای بزرگ‌کردن نیست.', ar: 'لا توجد صورة لتكبيرها.' });
    const way = upscaleWay(params, level, picture);
    if (params.method === 'draft' && (way.kind !== 'network' || way.model !== draftModel))
      throw refusal({
        en: 'The small network doubles only. For other scales use one of the other methods.',
        fa: 'شبکهٔ کوچک تنها ۲ برابر می‌کند. برای اندازه‌های دیگر روش دیگری برگزینید.',
        ar: 'الشبكة الصغيرة تضاعف مرتين فقط. اختر طريقة أخرى للمقاييس الأخرى.',
      });
    const size = outputSize(picture, params);
    if (way.kind === 'kernel') {
      const onRow = (done: number, rows: number) => {
        if (done % 64 === 0) run.progress((100 * done) / rows);
      };
      const larger = await resamplePicture(picture, size, { kernel: way.kernel, signal: run.signal, onRow });
      return { pictures: [{ picture: larger }], facts: { scale: Number(params.scale), method: way.kernel } };
    }
    const { picture: larger, provider } = await this.#byNetwork(picture, way, Number(params.scale), run);
    return { pictures: [{ picture: larger }], facts: { scale: Number(params.scale), method: way.model, provider } };
  }

  async #byNetwork(picture: Picture, way: Extract<UpscaleWay, { kind: 'network' }>, scale: number, run: ProcessorRun) {
    const session = await this.#models.open(way.model, { threads: run.threads });
    const colours = await enlargeByNetwork(picture, session, { scale, run });
    const provider = session.provider;
    // Of a grey picture the network's three answers are nearly the same.
    if (picture.channels === 1) return { picture: channelOf(colours, 1), provider };
    if (!hasTransparency(picture)) return { picture: colours, provider };
    // No network has seen alpha: it is enlarged by the kernel that rings least of the exact ones.
    const alpha = await resamplePicture(channelOf(picture, 3), colours, { kernel: 'bicubic', signal: run.signal });
    return { picture: withAlpha(colours, alpha), provider };
  }
}
