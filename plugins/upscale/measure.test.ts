/**
 * Makes the table of the README:
 * MEASURE=1 MODELS_TEST_DIR=<folder with esrgan-thick-4x/model.onnx …> npx vitest run --project measure plugins/upscale
 * With MEASURE_PICTURES=<folder> its photographs are measured too.
 */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { env } from 'node:process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { cropPicture, type Kernel, type Picture, psnr, resamplePicture, ssim, toEightBit, toRgb } from '#core';
import { createPluginKit } from '#plugin-kit';
import plugin from './plugin.ts';
import { draftModel, networkModel, type Scale, scales } from './upscale-models.ts';

const folder = new URL('.', import.meta.url);
const models = env['MODELS_TEST_DIR'];
const more = env['MEASURE_PICTURES'];
/** Side of the originals; each is reduced by the scale (box) and enlarged again. */
const side = 192;

const files = [
  fileURLToPath(new URL('sample.jpg', folder)),
  ...(more === undefined ? [] : readdirSync(more).map((name) => join(more, name))),
].filter((path) => /\.(png|jpe?g|webp)$/.test(path));

const installed = Object.fromEntries(
  scales.flatMap((scale) => {
    const at = models === undefined ? '' : join(models, networkModel(scale));
    return at !== '' && existsSync(at) ? [[networkModel(scale), at]] : [];
  }),
);

const middle = (picture: Picture) =>
  cropPicture(toEightBit(toRgb(picture)), {
    left: (picture.width - side) >> 1,
    top: (picture.height - side) >> 1,
    width: side,
    height: side,
  });
const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
const cpuSeconds = () => (process.cpuUsage().user + process.cpuUsage().system) / 1e6;

describe.runIf(env['MEASURE'] !== undefined)('the table', () => {
  it('is made', { timeout: 1_200_000 }, async () => {
    const kit = createPluginKit(plugin, { folder, models: installed });
    const originals = await Promise.all(files.map(async (path) => middle(await kit.readPicture(path))));
    const lines = ['| scale | method | PSNR dB | SSIM | PSNR over Lanczos | CPU seconds per input megapixel | peak MiB |'];
    const row = async (scale: Scale, method: string) => {
      const level = method === 'thick' ? 'normal' : 'quick';
      const params = { scale, method: { slim: 'draft', thick: 'network' }[method] ?? method };
      const found: {
        readonly psnr: number;
        readonly ssim: number;
        readonly gain: number;
        readonly seconds: number;
        readonly peak: number;
      }[] = [];
      for (const original of originals) {
        const size = { width: side / Number(scale), height: side / Number(scale) };
        const small = await resamplePicture(original, size, { kernel: 'box' });
        const baseline = await resamplePicture(small, original, { kernel: 'lanczos3' satisfies Kernel });
        // Once to load and warm up; the second run counts.
        await kit.run('upscale', { pictures: [small], params, level });
        const begun = cpuSeconds();
        const { pictures, peakMemoryMb } = await kit.run('upscale', { pictures: [small], params, level });
        const seconds = (cpuSeconds() - begun) / ((size.width * size.height) / 1e6);
        const larger = pictures[0]?.picture;
        if (larger === undefined) throw new Error('no picture came');
        found.push({
          psnr: psnr(larger, original),
          ssim: ssim(larger, original),
          gain: psnr(larger, original) - psnr(baseline, original),
          seconds,
          peak: peakMemoryMb,
        });
      }
      const gains = found.map(({ gain }) => (gain < 0 ? '' : '+') + gain.toFixed(2)).join(' ');
      const [db, similarity, cost] = [
        mean(found.map((one) => one.psnr)),
        mean(found.map((one) => one.ssim)),
        mean(found.map((one) => one.seconds)),
      ];
      const peak = Math.max(...found.map((one) => one.peak));
      lines.push(
        `| ${scale}× | ${method} | ${db.toFixed(2)} | ${similarity.toFixed(4)} | ${gains} | ${cost.toFixed(cost < 10 ? 1 : 0)} | ${peak.toFixed(0)} |`,
      );
    };
    for (const scale of scales) {
      await row(scale, 'bicubic');
      await row(scale, 'lanczos');
      if (scale === '2') await row(scale, 'slim');
      if (installed[networkModel(scale)] !== undefined) await row(scale, 'thick');
    }
    await kit.close();
    process.stdout.write(`${files.length} photographs, ${side} x ${side}, one thread, ${draftModel} and thick\n${lines.join('\n')}\n`);
    expect(lines.length).toBeGreaterThan(8);
  });
});
