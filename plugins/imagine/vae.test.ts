import { describe, expect, it } from 'vitest';
import type { ModelSession, Tensor } from '#core';
import { decodeLatents, encodePicture } from './vae.ts';

const signal = new AbortController().signal;

/** A decoder that shows the first three channels, each latent pixel as a square of 8 x 8. */
function squares(fixed?: number): { session: ModelSession; sizes: string[] } {
  const sizes: string[] = [];
  const run = async (feeds: Readonly<Record<string, Tensor>>): Promise<Record<string, Tensor>> => {
    const given = feeds['latent_sample'];
    const [, , height = 0, width = 0] = given?.dims ?? [];
    sizes.push(`${width}x${height}`);
    const data = new Float32Array(3 * height * width * 64);
    for (let channel = 0; channel < 3; channel += 1)
      for (let y = 0; y < height * 8; y += 1)
        for (let x = 0; x < width * 8; x += 1)
          data[(channel * height * 8 + y) * width * 8 + x] = Number(given?.data[(channel * height + (y >> 3)) * width + (x >> 3)] ?? 0);
    return { sample: { type: 'float32', dims: [1, 3, height * 8, width * 8], data } };
  };
  const shape = ['batch', 4, fixed ?? 'height', fixed ?? 'width'];
  const session: ModelSession = {
    model: 'squares',
    provider: 'cpu',
    providerReason: '',
    inputs: [{ name: 'latent_sample', type: 'float32', shape }],
    outputs: [{ name: 'sample', type: 'float32', shape: [] }],
    run,
  };
  return { session, sizes };
}

const size = { width: 40, height: 24 };
const latents = Float32Array.from({ length: 4 * 40 * 24 }, (_, at) => Math.sin(at * 0.37) * 0.9);

function decode(session: ModelSession, side: number) {
  const done: number[] = [];
  const picture = decodeLatents(session, latents, { size, side, scale: 1, shift: 0, signal, onTile: (tile, all) => done.push(tile / all) });
  return picture.then((result) => ({ picture: result, done }));
}

describe('decoding', () => {
  it('gives the same picture in tiles as at once, where the network looks at nothing but its place', async () => {
    const whole = await decode(squares().session, 64);
    const { session, sizes } = squares();
    const tiled = await decode(session, 32);
    expect(whole.picture).toMatchObject({ width: 320, height: 192, channels: 3 });
    expect(sizes.length).toBeGreaterThan(1);
    expect(new Set(sizes)).toEqual(new Set(['32x24']));
    const differs = tiled.picture.data.findIndex((value, at) => Math.abs(value - (whole.picture.data[at] ?? 0)) > 1);
    expect(differs).toBe(-1);
    expect(tiled.done.at(-1)).toBe(1);
  });

  it('takes tiles of the size to which the export is bound', async () => {
    const { session, sizes } = squares(20);
    await decode(session, 64);
    expect(new Set(sizes)).toEqual(new Set(['20x20']));
  });

  it('brings latents to the scale of the VAE first', async () => {
    const ones = new Float32Array(4 * 8 * 8).fill(0.25);
    const options = { size: { width: 8, height: 8 }, side: 64, scale: 0.5, shift: 0.1, signal, onTile: () => {} };
    const picture = await decodeLatents(squares().session, ones, options);
    expect(picture.data[0]).toBe(Math.round(0.6 * 127.5 + 127.5));
  });

  it('says what is wrong when halves overflowed', async () => {
    const broken = latents.map(() => Number.NaN);
    await expect(
      decodeLatents(squares().session, broken, { size, side: 64, scale: 1, shift: 0, signal, onTile: () => {} }),
    ).rejects.toThrow('fp32');
  });
});

describe('encoding', () => {
  it('draws from the distribution that the network gives, as diffusers does', async () => {
    const output = new Float32Array(8).fill(0.5, 0, 4).fill(2 * Math.log(0.1), 4);
    const session: ModelSession = {
      ...squares().session,
      inputs: [{ name: 'sample', type: 'float32', shape: ['batch', 3, 'height', 'width'] }],
      outputs: [{ name: 'latent_parameters', type: 'float32', shape: [] }],
      run: async () => ({ latent_parameters: { type: 'float32', dims: [1, 8, 1, 1], data: output } }),
    };
    const picture = { width: 8, height: 8, channels: 3 as const, data: new Uint8Array(192) };
    const drawn = await encodePicture(session, picture, { scale: 2, shift: 0 }, (count) =>
      Float32Array.from({ length: count }, (_, at) => at),
    );
    expect([...drawn].map((value) => Math.round(value * 1000) / 1000)).toEqual([1, 1.2, 1.4, 1.6]);
  });
});
