import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { env } from 'node:process';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { cropPicture, type Picture, psnr } from '#core';
import { createPluginKit } from '#plugin-kit';
import { moved, withNoise, withoutLight } from './damage.ts';
import plugin from './plugin.ts';
import { networkOf } from './restore-models.ts';
import type { Mode } from './restore-plan.ts';

/*
 * The networks, whose weights are not in the repository: npm run models -- install maxim-denoising maxim-deblurring
 * maxim-enhancement, then MODELS_TEST_DIR=data/models npm run test:networks
 */

const folder = new URL('.', import.meta.url);
const weights = env['MODELS_TEST_DIR'];
const installed = Object.fromEntries(
  Object.values(networkOf).flatMap((name) =>
    weights !== undefined && existsSync(join(weights, name)) ? [[name, join(weights, name)]] : [],
  ),
);
if (Object.keys(installed).length < 3) {
  process.stdout.write(
    'plugins/restore: the networks are NOT tested, their weights are not here. Install them (npm run models -- install maxim-denoising maxim-deblurring maxim-enhancement) and name their folder: MODELS_TEST_DIR=data/models npm run test:networks\n',
  );
}

describe.runIf(Object.keys(installed).length === 3)('the networks', { timeout: 600_000 }, () => {
  const real = createPluginKit(plugin, { folder, models: installed });
  afterAll(() => real.close());
  const sample = fileURLToPath(new URL('sample.jpg', folder));
  const part = async (width: number, height: number) => cropPicture(await real.readPicture(sample), { left: 120, top: 60, width, height });
  const meanOf = ({ data }: Picture) => Array.from(data).reduce((sum, value) => sum + value, 0) / data.length;
  const restore = async (picture: Picture, mode: Mode) => {
    const { pictures } = await real.run('restore', { pictures: [picture], params: { mode } });
    if (pictures[0] === undefined) throw new Error('no picture came');
    return pictures[0].picture;
  };

  it('undo what they were trained for', async () => {
    const clean = await part(256, 256);
    const dark = withoutLight(clean, 0.1);
    expect(psnr(await restore(dark, 'lowlight'), clean)).toBeGreaterThan(psnr(dark, clean) + 8);
    const shaken = moved(clean, 9);
    expect(psnr(await restore(shaken, 'deblur'), clean)).toBeGreaterThan(psnr(shaken, clean) + 4);
  });

  it('give the same picture in two tiles as in the middle of one, without a seam', async () => {
    const noisy = withNoise(await part(264, 256), 20);
    const tiled = await restore(noisy, 'denoise');
    const alone = await restore(cropPicture(noisy, { left: 4, top: 0, width: 256, height: 256 }), 'denoise');
    const rect = { left: 68, top: 64, width: 128, height: 128 };
    const inside = { ...rect, left: rect.left - 4 };
    expect(psnr(cropPicture(tiled, rect), cropPicture(alone, inside))).toBeGreaterThan(38);
    expect(meanOf(tiled)).toBeCloseTo(meanOf(noisy), -1);
  });
});
