import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { env } from 'node:process';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { cropPicture, type Picture, psnr, resamplePicture } from '#core';
import { createPluginKit } from '#plugin-kit';
import plugin from './plugin.ts';
import { networkModel } from './upscale-models.ts';

/*
 * The large network, whose weights are not in the repository: npm run models -- install esrgan-thick-4x, then
 * MODELS_TEST_DIR=data/models npm run test:networks
 */

const folder = new URL('.', import.meta.url);
const models = env['MODELS_TEST_DIR'];
const thick = models === undefined ? undefined : join(models, networkModel('4'));

describe.runIf(thick !== undefined && existsSync(thick))('the large network, where MODELS_TEST_DIR holds it', () => {
  const large = createPluginKit(plugin, { folder, models: { [networkModel('4')]: thick ?? '' } });
  afterAll(() => large.close());
  const sample = fileURLToPath(new URL('sample.jpg', folder));
  const part = async (left: number, top: number, width: number, height: number) =>
    cropPicture(await large.readPicture(sample), { left, top, width, height });
  const byNetwork = async (picture: Picture, tile?: number) => {
    const { pictures } = await large.run('upscale', {
      pictures: [picture],
      params: { scale: '4' },
      level: 'normal',
      ...(tile === undefined ? {} : { tile }),
    });
    const [result] = pictures;
    if (result === undefined) throw new Error('no picture came');
    return result.picture;
  };

  it('beats exact interpolation at 4 times', { timeout: 120_000 }, async () => {
    const original = await part(32, 0, 192, 192);
    const small = await resamplePicture(original, { width: 48, height: 48 }, { kernel: 'box' });
    const network = await byNetwork(small);
    for (const kernel of ['bicubic', 'lanczos3'] as const)
      expect(psnr(network, original)).toBeGreaterThan(psnr(await resamplePicture(small, original, { kernel }), original) + 0.8);
  });

  it('gives the same in tiles but for single steps in few places', { timeout: 120_000 }, async () => {
    const picture = await part(60, 40, 120, 90);
    const [whole, tiled] = [await byNetwork(picture, 192), await byNetwork(picture, 64)];
    const differences = Array.from(whole.data, (value, i) => Math.abs(value - (tiled.data[i] ?? 0)));
    expect(differences.reduce((most, value) => Math.max(most, value), 0)).toBeLessThanOrEqual(1);
    expect(differences.filter((value) => value > 0).length / differences.length).toBeLessThan(0.001);
  });
});
if (thick === undefined || !existsSync(thick))
  process.stderr.write('upscale: the large network was not tested; set MODELS_TEST_DIR to a folder with esrgan-thick-4x/model.onnx\n');
