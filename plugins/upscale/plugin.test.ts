import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { channelOf, cropPicture, type Picture, psnr, resamplePicture } from '#core';
import { createPluginKit } from '#plugin-kit';
import plugin from './plugin.ts';
import { networkModel } from './upscale-models.ts';
import { autoLevel, estimateUpscale } from './upscale-plan.ts';

const folder = new URL('.', import.meta.url);
const sample = fileURLToPath(new URL('sample.jpg', folder));
const kit = createPluginKit(plugin, { folder });
afterAll(() => kit.close());

const enlarge = async (picture: Picture, more: Partial<Parameters<typeof kit.run>[1]> = {}) => {
  const output = await kit.run('upscale', { pictures: [picture], level: 'quick', ...more });
  const [result] = output.pictures;
  if (result === undefined) throw new Error('no picture came');
  return { ...output, picture: result.picture };
};
const part = async (left: number, top: number, width: number, height: number) =>
  cropPicture(await kit.readPicture(sample), { left, top, width, height });
const isEqual = (a: Picture, b: Picture) => a.width === b.width && a.height === b.height && a.data.every((value, i) => value === b.data[i]);

describe('the draft network', () => {
  it('gives the same bytes in tiles as for the whole picture', async () => {
    const picture = await part(40, 20, 131, 97);
    const whole = await enlarge(picture, { tile: 192 });
    const tiled = await enlarge(picture, { tile: 64 });
    expect(whole.progress).toHaveLength(1);
    expect(tiled.progress.length).toBeGreaterThan(5);
    expect([tiled.picture.width, tiled.picture.height]).toEqual([262, 194]);
    expect(isEqual(tiled.picture, whole.picture)).toBe(true);
    expect(tiled.facts).toMatchObject({ scale: 2, method: 'esrgan-slim-2x', provider: 'cpu' });
  });

  it('stays where the picture is: reduced again it is the original, not its neighbour by half a pixel', async () => {
    const picture = await part(60, 40, 96, 96);
    const { picture: larger } = await enlarge(picture);
    const back = await resamplePicture(larger, picture, { kernel: 'box' });
    const shifted = await resamplePicture(
      cropPicture(larger, { left: 1, top: 0, width: 190, height: 192 }),
      { width: 95, height: 96 },
      { kernel: 'box' },
    );
    expect(psnr(back, picture)).toBeGreaterThan(33);
    expect(psnr(back, picture)).toBeGreaterThan(psnr(shifted, cropPicture(picture, { left: 0, top: 0, width: 95, height: 96 })) + 3);
  });

  it('takes pictures of one pixel, of one column and of grey', async () => {
    for (const [width, height] of [
      [1, 1],
      [1, 150],
      [150, 2],
    ] as const) {
      const { picture } = await enlarge(await part(0, 0, width, height));
      expect([picture.width, picture.height, picture.channels]).toEqual([2 * width, 2 * height, 3]);
    }
    const grey = channelOf(await part(60, 40, 70, 70), 0);
    const { picture } = await enlarge(grey);
    expect(picture.channels).toBe(1);
    expect(psnr(await resamplePicture(picture, grey, { kernel: 'box' }), grey)).toBeGreaterThan(30);
  });

  it('tells how far it is, never less than before, and shows what is done', async () => {
    const { progress } = await enlarge(await part(0, 0, 110, 110), { tile: 64 });
    expect(progress).toEqual(progress.toSorted((a, b) => (a ?? 0) - (b ?? 0)));
    expect(progress.at(-1)).toBe(98);
  });

  it('ends between two tiles when it is cancelled', async () => {
    const stop = new AbortController();
    const onProgress = () => stop.abort(new Error('cancelled'));
    const running = kit.run('upscale', { pictures: [sample], level: 'quick', tile: 64, signal: stop.signal, onProgress });
    await expect(running).rejects.toThrow('cancelled');
  });

  it('says that it doubles only', async () => {
    const running = enlarge(await part(0, 0, 8, 8), { params: { scale: '4', method: 'draft' } });
    await expect(running).rejects.toMatchObject({ code: 'BAD_REQUEST' });
  });
});

describe('alpha', () => {
  it('is enlarged exactly, and what is hidden under it does not show at the edges', async () => {
    // A light disc; what is transparent is black underneath.
    const side = 48;
    const data = new Uint8Array(side * side * 4);
    for (let i = 0; i < side * side; i += 1) {
      const distance = Math.hypot((i % side) - 23.5, Math.floor(i / side) - 23.5);
      if (distance < 16) data.set([230, 200, 170, 255], i * 4);
    }
    const picture: Picture = { width: side, height: side, channels: 4, data };
    const { picture: larger } = await enlarge(picture);
    const alpha = await resamplePicture(channelOf(picture, 3), { width: 96, height: 96 }, { kernel: 'bicubic' });
    expect(isEqual(channelOf(larger, 3), alpha)).toBe(true);
    for (let i = 0; i < larger.data.length; i += 4) {
      if ((larger.data[i + 3] ?? 0) < 32) continue;
      expect(larger.data[i]).toBeGreaterThan(215);
      expect(larger.data[i + 2]).toBeGreaterThan(150);
    }
  });
});

describe('16 bit', () => {
  it('comes out in 16 bit: a ramp finer than 8 bit has no steps', async () => {
    const side = 64;
    const ramp = (at: number) => 20_000 + at * 40;
    const data = Uint16Array.from({ length: side * side * 3 }, (_, i) => ramp(Math.floor(i / 3) % side));
    const { picture } = await enlarge({ width: side, height: side, channels: 3, data });
    expect(picture.data).toBeInstanceOf(Uint16Array);
    let worst = 0;
    for (let x = 24; x < 104; x += 1)
      worst = Math.max(worst, Math.abs((picture.data[(64 * 128 + x) * 3] ?? 0) - ramp((x + 0.5) / 2 - 0.5)));
    // One step of 8 bit is 257.
    expect(worst).toBeLessThan(130);
    const smooth = await enlarge({ width: side, height: side, channels: 3, data }, { params: { method: 'bicubic' } });
    expect(Math.abs((smooth.picture.data[(64 * 128 + 64) * 3] ?? 0) - ramp(31.75))).toBeLessThan(2);
  });
});

describe('8 and 16 bit', () => {
  it('come to the same', async () => {
    const eight = await part(70, 50, 75, 52);
    const sixteen: Picture = { ...eight, data: Uint16Array.from(eight.data, (value) => value * 257) };
    const [a, b] = [(await enlarge(eight)).picture, (await enlarge(sixteen)).picture];
    expect(a.data.every((value, i) => Math.abs(value - (b.data[i] ?? 0) / 257) < 0.51)).toBe(true);
  });
});

describe('exact interpolation', () => {
  it('is what the core computes', async () => {
    const picture = await part(0, 0, 40, 30);
    for (const [method, kernel] of [
      ['bicubic', 'bicubic'],
      ['lanczos', 'lanczos3'],
    ] as const) {
      const { picture: larger, facts } = await enlarge(picture, { params: { scale: '3', method } });
      expect(isEqual(larger, await resamplePicture(picture, { width: 120, height: 90 }, { kernel }))).toBe(true);
      expect(facts).toMatchObject({ scale: 3, method: kernel });
    }
  });
});

describe('what it asks for', () => {
  const photo = { width: 4000, height: 3000 };
  const task = { params: { scale: '4', method: 'auto' }, pictures: [{ width: 500, height: 400 }] } as const;

  it('names the size of the result, so that 12 megapixels are refused at once', () => {
    const estimate = estimateUpscale({ params: { scale: '2', method: 'auto' }, level: 'normal', pictures: [photo] });
    expect(estimate.output).toEqual({ width: 8000, height: 6000 });
    expect(estimate.models).toEqual(['esrgan-thick-2x']);
    expect(estimate.seconds).toBeGreaterThan(500);
  });

  it('asks for much more where the large network works', () => {
    const [quick, normal] = (['quick', 'normal'] as const).map((level) => estimateUpscale({ ...task, level }).seconds);
    expect(quick).toBeLessThan((normal ?? 0) / 10);
  });

  it('takes the large network by itself only where it is installed and soon done', () => {
    expect(autoLevel(task)).toBe('quick');
    expect(autoLevel({ ...task, installed: [networkModel('4')] })).toBe('normal');
    expect(autoLevel({ ...task, installed: [networkModel('2')] })).toBe('quick');
    expect(autoLevel({ ...task, installed: [networkModel('4')], pictures: [photo] })).toBe('quick');
    expect(autoLevel({ ...task, params: { scale: '4', method: 'network' } })).toBe('normal');
  });
});
