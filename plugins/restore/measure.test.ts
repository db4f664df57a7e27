/**
 * Makes the table of the README:
 * MEASURE=1 MODELS_TEST_DIR=<folder with maxim-denoising/model.onnx …> npx vitest run --project measure plugins/restore
 * With MEASURE_PICTURES=<folder> its photographs are measured too; MEASURE=blur measures only what has that in its name.
 */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { env } from 'node:process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { cropPicture, type Picture, psnr, ssim, toEightBit, toRgb } from '#core';
import { createPluginKit } from '#plugin-kit';
import { moved, outOfFocus, withGrain, withNoise, withoutLight } from './damage.ts';
import plugin from './plugin.ts';
import { networkOf } from './restore-models.ts';
import type { Mode } from './restore-plan.ts';

const folder = new URL('.', import.meta.url);
const models = env['MODELS_TEST_DIR'];
const more = env['MEASURE_PICTURES'];
const side = 256;
const files = [
  fileURLToPath(new URL('sample.jpg', folder)),
  ...(more === undefined ? [] : readdirSync(more).map((name) => join(more, name))),
].filter((path) => /\.(png|jpe?g|webp)$/.test(path));
const installed = Object.fromEntries(
  Object.values(networkOf).flatMap((name) => (models !== undefined && existsSync(join(models, name)) ? [[name, join(models, name)]] : [])),
);

const damages: readonly { readonly name: string; readonly mode: Mode; readonly spoil: (picture: Picture) => Picture }[] = [
  { name: 'noise, σ 10', mode: 'denoise', spoil: (picture) => withNoise(picture, 10) },
  { name: 'noise, σ 20', mode: 'denoise', spoil: (picture) => withNoise(picture, 20) },
  { name: 'grain in spots, σ 30', mode: 'denoise', spoil: (picture) => withGrain(picture, 30) },
  { name: 'out of focus, σ 1', mode: 'deblur', spoil: (picture) => outOfFocus(picture, 1) },
  { name: 'moved 9 pixels', mode: 'deblur', spoil: (picture) => moved(picture, 9) },
  { name: 'a tenth of the light', mode: 'lowlight', spoil: (picture) => withoutLight(picture, 0.1) },
];

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
const cpuSeconds = () => (process.cpuUsage().user + process.cpuUsage().system) / 1e6;
const middle = (picture: Picture) => {
  const rect = { left: (picture.width - side) >> 1, top: (picture.height - side) >> 1, width: side, height: side };
  return cropPicture(toEightBit(toRgb(picture)), rect);
};

describe.runIf(env['MEASURE'] !== undefined)('the table', () => {
  it('is made', { timeout: 3_600_000 }, async () => {
    const lines = ['| damage | level | PSNR dB before | after | SSIM before | after | CPU seconds per megapixel | peak MiB |'];
    const wanted = env['MEASURE'] ?? '';
    for (const { name, mode, spoil } of damages.filter((damage) => wanted === '1' || damage.name.includes(wanted))) {
      const levels = installed[networkOf[mode]] === undefined ? (['quick'] as const) : (['quick', 'normal'] as const);
      for (const level of levels) {
        const kit = createPluginKit(plugin, { folder, models: installed });
        const rows: number[][] = [];
        for (const file of files) {
          const original = middle(await kit.readPicture(file));
          const spoilt = spoil(original);
          const small = cropPicture(spoilt, { left: 0, top: 0, width: 16, height: 16 });
          // Loads and warms up; a small picture with a network is a whole tile, so the second run counts.
          if (rows.length === 0) await kit.run('restore', { pictures: [small], params: { mode }, level });
          const begun = cpuSeconds();
          const { pictures, peakMemoryMb } = await kit.run('restore', { pictures: [spoilt], params: { mode }, level });
          const seconds = (cpuSeconds() - begun) / (side ** 2 / 1e6);
          const restored = pictures[0]?.picture;
          if (restored === undefined) throw new Error('no picture came');
          rows.push([
            psnr(spoilt, original),
            psnr(restored, original),
            ssim(spoilt, original),
            ssim(restored, original),
            seconds,
            peakMemoryMb,
          ]);
        }
        const column = (index: number) => rows.map((row) => row[index] ?? 0);
        const decibels = (index: number) => mean(column(index)).toFixed(2);
        const alike = (index: number) => mean(column(index)).toFixed(3);
        const line = `| ${name} | ${level} | ${decibels(0)} | ${decibels(1)} | ${alike(2)} | ${alike(3)} | ${mean(column(4)).toFixed(1)} | ${Math.max(...column(5)).toFixed(0)} |`;
        lines.push(line);
        process.stdout.write(`${line}\n`);
        await kit.close();
      }
    }
    process.stdout.write(`${files.length} photographs, ${side} x ${side}, one thread\n${lines.join('\n')}\n`);
    expect(lines.length).toBeGreaterThan(1);
  });
});
