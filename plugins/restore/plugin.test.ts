import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { channelOf, createPicture, cropPicture, type ModelSession, type Picture, type ProcessorRun, psnr, withAlpha } from '#core';
import { createPluginKit } from '#plugin-kit';
import { outOfFocus, withNoise, withoutLight } from './damage.ts';
import { mirroredTo, restoreInTiles } from './network-restorer.ts';
import plugin from './plugin.ts';
import { networkOf } from './restore-models.ts';
import { autoLevel, estimateRestore, type Mode } from './restore-plan.ts';

const folder = new URL('.', import.meta.url);
const sample = fileURLToPath(new URL('sample.jpg', folder));
const kit = createPluginKit(plugin, { folder });
afterAll(() => kit.close());

const part = async (width: number, height: number) => cropPicture(await kit.readPicture(sample), { left: 120, top: 60, width, height });
async function quick(picture: Picture, mode: Mode, strength = 1): Promise<Picture> {
  const { pictures } = await kit.run('restore', { pictures: [picture], params: { mode, strength }, level: 'quick' });
  if (pictures[0] === undefined) throw new Error('no picture came');
  return pictures[0].picture;
}
const isEqual = (a: Picture, b: Picture) => a.width === b.width && a.height === b.height && a.data.every((value, i) => value === b.data[i]);

describe('without a network', () => {
  it('takes noise away and leaves a clean picture nearly as it is', async () => {
    const clean = await part(128, 128);
    const noisy = withNoise(clean, 20);
    const gain = psnr(await quick(noisy, 'denoise'), clean) - psnr(noisy, clean);
    expect(gain).toBeGreaterThan(7);
    expect(psnr(await quick(clean, 'denoise'), clean)).toBeGreaterThan(40);
  });

  it('leaves no seam between the strips that it works in', async () => {
    const noisy = withNoise(await part(64, 200), 15);
    const whole = await quick(noisy, 'denoise', 1);
    // The same rows, with the border of two strips elsewhere; only the estimate of the noise may differ a little.
    const lower = await quick(cropPicture(noisy, { left: 0, top: 64, width: 64, height: 136 }), 'denoise');
    const rect = { left: 0, top: 80, width: 64, height: 100 };
    expect(psnr(cropPicture(whole, rect), cropPicture(lower, { ...rect, top: 16 }))).toBeGreaterThan(38);
  });

  it('sharpens what is out of focus, and does not spoil what is not by much', async () => {
    const clean = await part(128, 128);
    const soft = outOfFocus(clean, 1);
    expect(psnr(await quick(soft, 'deblur'), clean)).toBeGreaterThan(psnr(soft, clean) + 2);
    const flat = createPicture(40, 40, 3);
    flat.data.fill(90);
    expect(isEqual(await quick(flat, 'deblur'), flat)).toBe(true);
  });

  it('brightens the dark, leaves the bright alone, and puts no halo around edges', async () => {
    const clean = await part(160, 160);
    const dark = withoutLight(clean, 0.1);
    const bright = await quick(dark, 'lowlight');
    expect(psnr(bright, clean)).toBeGreaterThan(psnr(dark, clean) + 5);
    expect(isEqual(await quick(clean, 'lowlight'), clean)).toBe(true);

    const edge = createPicture(120, 40, 3);
    for (let i = 0; i < edge.data.length; i += 1) edge.data[i] = Math.floor(i / 3) % 120 < 60 ? 8 : 70;
    const row = [...channelOf(await quick(edge, 'lowlight'), 0).data.slice(20 * 120, 21 * 120)];
    const [left = 0, right = 0] = [row[5], row[115]];
    expect(left).toBeGreaterThan(16);
    expect(Math.min(...row)).toBeGreaterThan(left * 0.8);
    expect(Math.max(...row)).toBeLessThan(right * 1.15);
  });

  it('does nothing at strength 0, and half at one half', async () => {
    const noisy = withNoise(await part(64, 64), 20);
    expect(isEqual(await quick(noisy, 'denoise', 0), noisy)).toBe(true);
    const whole = await quick(noisy, 'denoise');
    const half = await quick(noisy, 'denoise', 0.5);
    const between = noisy.data.map((value, i) => Math.round((value + (whole.data[i] ?? 0)) / 2));
    expect(Math.max(...half.data.map((value, i) => Math.abs(value - (between[i] ?? 0))))).toBeLessThanOrEqual(1);
  });

  it('keeps alpha, grey and 16 bit', async () => {
    const noisy = withNoise(await part(48, 48), 12);
    const alpha = channelOf(noisy, 1);
    const clear = await quick(withAlpha(noisy, alpha), 'denoise');
    expect(isEqual(channelOf(clear, 3), alpha)).toBe(true);
    expect((await quick(channelOf(noisy, 0), 'lowlight')).channels).toBe(1);
    const deep: Picture = { ...noisy, data: Uint16Array.from(noisy.data, (value, i) => Math.min(65_535, value * 257 + (i % 200))) };
    const restored = await quick(deep, 'denoise');
    expect(restored.data).toBeInstanceOf(Uint16Array);
    expect(new Set(restored.data.map((value) => value % 257)).size).toBeGreaterThan(100);
    for (const [width, height] of [
      [1, 1],
      [7, 90],
    ] as const)
      for (const mode of ['denoise', 'deblur', 'lowlight'] as const)
        expect((await quick(await part(width, height), mode)).width).toBe(width);
  });
});

/** A network that adds a number to every tile, another one for each: what tiles that do not agree look like. */
function fakeSession(offset: (run: number) => number): ModelSession & { runs: number } {
  const info = { type: 'uint8' as const, shape: [1, 256, 256, 3] };
  const session = {
    ...{ model: 'fake', provider: 'cpu' as const, providerReason: '', runs: 0 },
    inputs: [{ name: 'input', ...info }],
    outputs: [{ name: 'output', ...info }],
    run: ({ input }: Parameters<ModelSession['run']>[0]) => {
      if (input?.type !== 'uint8') throw new Error('not pixels');
      const add = offset(session.runs);
      session.runs += 1;
      return Promise.resolve({ output: { ...input, data: input.data.map((value) => value + add) } });
    },
  };
  return session;
}

function runOf(signal = new AbortController().signal, progress: number[] = []): ProcessorRun {
  return { signal, threads: 1, tile: undefined, progress: (percent) => progress.push(percent ?? -1), preview: () => {} };
}

describe('tiles of a network', () => {
  it('put a picture of any size together again', async () => {
    for (const [width, height] of [
      [300, 260],
      [256, 256],
      [90, 40],
    ] as const) {
      const picture = mirroredTo(await part(90, 40), width, height);
      const progress: number[] = [];
      const result = await restoreInTiles(
        picture,
        fakeSession(() => 0),
        32,
        runOf(undefined, progress),
      );
      expect(isEqual(result, picture)).toBe(true);
      expect(progress).toEqual(progress.toSorted((a, b) => a - b));
    }
  });

  it('fade into each other where they do not agree, so that there is no visible seam', async () => {
    const flat = createPicture(420, 256, 3);
    flat.data.fill(100);
    const session = fakeSession((run) => (run % 2) * 12);
    const result = await restoreInTiles(flat, session, 32, runOf());
    expect(session.runs).toBe(2);
    const row = [...channelOf(result, 0).data.slice(0, 420)];
    expect([row[0], row.at(-1)]).toEqual([100, 112]);
    const steps = row.slice(1).map((value, i) => Math.abs(value - (row[i] ?? 0)));
    expect(Math.max(...steps)).toBeLessThanOrEqual(1);
  });

  it('end between two tiles when they are cancelled', async () => {
    const stop = new AbortController();
    const session = fakeSession(() => {
      stop.abort(new Error('cancelled'));
      return 0;
    });
    await expect(restoreInTiles(createPicture(600, 256, 3), session, 32, runOf(stop.signal))).rejects.toThrow('cancelled');
    expect(session.runs).toBe(1);
  });
});

describe('the estimate', () => {
  const phone = [{ width: 4000, height: 3000 }];
  const params = { mode: 'denoise' as const, strength: 1 };

  it('tells honestly that a phone photograph is too much for the networks, and what is not', () => {
    expect(estimateRestore({ params, level: 'normal', pictures: phone }).seconds).toBeGreaterThan(1800);
    expect(estimateRestore({ params, level: 'quick', pictures: phone })).toMatchObject({ models: [], cpuThreads: 1 });
    expect(estimateRestore({ params, level: 'quick', pictures: phone }).seconds).toBeLessThan(60);
    const light = estimateRestore({ params: { ...params, mode: 'lowlight' }, level: 'normal', pictures: phone });
    expect(light.seconds).toBeLessThan(120);
    expect(light.models).toEqual(['maxim-enhancement']);
  });

  it('chooses the network by itself only where it is installed and done in a few minutes', () => {
    const small = [{ width: 600, height: 500 }];
    const installed = Object.values(networkOf);
    expect(autoLevel({ params, pictures: small })).toBe('quick');
    expect(autoLevel({ params, pictures: small, installed })).toBe('normal');
    expect(autoLevel({ params, pictures: phone, installed })).toBe('quick');
    expect(autoLevel({ params: { ...params, mode: 'lowlight' }, pictures: phone, installed })).toBe('normal');
  });
});
