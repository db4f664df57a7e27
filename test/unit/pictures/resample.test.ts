import { describe, expect, it } from 'vitest';
import { axisWeights, type Kernel } from '../../../src/core/pictures/kernel-weights.ts';
import type { Picture } from '../../../src/core/pictures/picture.ts';
import { psnr } from '../../../src/core/pictures/quality.ts';
import { resamplePicture, resamplePlane } from '../../../src/core/pictures/resample.ts';

const kernels: readonly Kernel[] = ['box', 'bilinear', 'bicubic', 'lanczos3'];

const grey = (width: number, height: number, values: readonly number[]): Picture => ({
  width,
  height,
  channels: 1,
  data: Uint8Array.from(values),
});

/** Small waves in all directions, something like a photograph without noise. */
function scene(side: number, channels: 1 | 3 = 3): Picture {
  const data = new Uint8Array(side * side * channels);
  for (let y = 0; y < side; y += 1)
    for (let x = 0; x < side; x += 1)
      for (let c = 0; c < channels; c += 1)
        data[(y * side + x) * channels + c] = 128 + 60 * Math.sin(x / (5 + c) + y / 9) + 50 * Math.cos((x - 2 * y) / 11 + c);
  return { width: side, height: side, channels, data };
}

const row = async (values: readonly number[], width: number, kernel: Kernel) => {
  const plane = { width: values.length, height: 1, data: Float32Array.from(values) };
  return Array.from((await resamplePlane(plane, { width, height: 1 }, { kernel })).data, (value) => Math.round(value * 1000) / 1000);
};

describe('resampling', () => {
  it('puts the centre of a pixel in its middle: a ramp that is doubled gives 0 8 24 40', async () => {
    const ramp = grey(5, 1, [0, 32, 64, 96, 128]);
    const twice = await resamplePicture(ramp, { width: 10, height: 1 }, { kernel: 'bilinear' });
    expect([...twice.data]).toEqual([0, 8, 24, 40, 56, 72, 88, 104, 120, 128]);
    expect((await row([0, 32, 64, 96, 128], 10, 'bicubic')).slice(3, 7)).toEqual([40, 56, 72, 88]);
  });

  // Made with Pillow 12 (Image.resize in mode F), whose convention is the same.
  it.each([
    ['bilinear', 3, [27.429, 130, 121]],
    ['bicubic', 3, [23.573, 131.009, 125.323]],
    ['lanczos3', 3, [23.996, 127.169, 127.889]],
    ['box', 3, [16, 130.667, 130]],
    ['bilinear', 10, [0, 17.6, 40, 62.4, 152.4, 174.8, 122.1, 39.5, 118, 250]],
    ['bicubic', 10, [-1.938, 14.984, 37.562, 60.054, 163.639, 192.01, 122.713, 15.406, 114.542, 264.537]],
    ['lanczos3', 10, [-1.844, 16.262, 34.291, 58.678, 163.413, 205.114, 118.048, -2.917, 117.514, 273.213]],
    ['box', 10, [0, 32, 32, 64, 200, 200, 128, 10, 10, 250]],
  ] as const)('gives the numbers of Pillow: %s to %i', async (kernel, width, expected) => {
    const values = await row([0, 32, 64, 200, 128, 10, 250], width, kernel);
    values.forEach((value, i) => expect(value).toBeCloseTo(expected[i] ?? Number.NaN, 2));
  });

  it('keeps a constant constant with every kernel, enlarging and reducing, in 8 and 16 bit', async () => {
    for (const kernel of kernels) {
      for (const width of [1, 3, 7, 16, 61]) {
        const eight = await resamplePicture(grey(7, 5, Array(35).fill(201)), { width, height: 9 }, { kernel });
        expect(new Set(eight.data)).toEqual(new Set([201]));
        const sixteen: Picture = { width: 7, height: 5, channels: 1, data: new Uint16Array(35).fill(51_234) };
        expect(new Set((await resamplePicture(sixteen, { width, height: 2 }, { kernel })).data)).toEqual(new Set([51_234]));
      }
    }
  });

  it('gives the mirrored result for the mirrored picture', async () => {
    const mirrored = ({ width, height, channels, data }: Picture): Picture => {
      const turned = new Uint8Array(data.length);
      for (let y = 0; y < height; y += 1)
        for (let x = 0; x < width; x += 1)
          for (let c = 0; c < channels; c += 1)
            turned[(y * width + x) * channels + c] = data[((height - 1 - y) * width + (width - 1 - x)) * channels + c] ?? 0;
      return { width, height, channels, data: turned };
    };
    // The box is left out: a point exactly between two pixels belongs to one of them.
    for (const kernel of ['bilinear', 'bicubic', 'lanczos3'] as const) {
      for (const size of [
        { width: 40, height: 31 },
        { width: 9, height: 7 },
      ]) {
        const straight = mirrored(await resamplePicture(scene(16), size, { kernel }));
        const turned = await resamplePicture(mirrored(scene(16)), size, { kernel });
        straight.data.forEach((value, i) => expect(Math.abs(value - (turned.data[i] ?? Number.NaN))).toBeLessThanOrEqual(1));
      }
    }
  });

  it('comes back near the original after reducing and enlarging, and nearer with the better kernel', async () => {
    const original = scene(96);
    const there = await resamplePicture(original, { width: 48, height: 48 }, { kernel: 'box' });
    const back = async (kernel: Kernel) => psnr(await resamplePicture(there, { width: 96, height: 96 }, { kernel }), original, 4);
    const [box, bilinear, bicubic, lanczos] = [await back('box'), await back('bilinear'), await back('bicubic'), await back('lanczos3')];
    expect(bilinear).toBeGreaterThan(box);
    expect(bicubic).toBeGreaterThan(bilinear + 2);
    expect(lanczos).toBeGreaterThan(bilinear + 2);
    expect(bicubic).toBeGreaterThan(38);
  });

  it('reduces without aliasing: a fine pattern becomes grey', async () => {
    const lines = grey(
      64,
      1,
      Array.from({ length: 64 }, (_, i) => (i % 2) * 255),
    );
    for (const kernel of kernels) {
      const small = await resamplePicture(lines, { width: 8, height: 1 }, { kernel });
      for (const value of small.data.slice(1, 7)) expect(Math.abs(value - 127.5)).toBeLessThan(6);
    }
  });

  it('keeps steps that 8 bit cannot hold', async () => {
    const ramp: Picture = { width: 4, height: 1, channels: 1, data: Uint16Array.from([1000, 1010, 1020, 1030]) };
    const twice = await resamplePicture(ramp, { width: 8, height: 1 }, { kernel: 'bilinear' });
    expect([...twice.data]).toEqual([1000, 1003, 1008, 1013, 1018, 1023, 1028, 1030]);
  });

  it('lets no colour bleed out of what is transparent', async () => {
    // A red pixel beside a fully transparent green one.
    const picture: Picture = { width: 2, height: 1, channels: 4, data: Uint8Array.from([255, 0, 0, 255, 0, 255, 0, 0]) };
    const twice = await resamplePicture(picture, { width: 8, height: 1 }, { kernel: 'bilinear' });
    for (let i = 0; i < 8; i += 1) {
      const [red, green, , alpha = 0] = twice.data.slice(i * 4, i * 4 + 4);
      if (alpha > 0) expect([red, green]).toEqual([255, 0]);
    }
    expect(twice.data[3]).toBe(255);
    expect(twice.data[31]).toBe(0);
  });

  it('weighs every output pixel with a sum of one', () => {
    for (const kernel of kernels) {
      for (const [from, to] of [
        [7, 3],
        [3, 7],
        [1, 5],
        [100, 1],
        [5, 5],
      ] as const) {
        const { first, taps, weights, stride } = axisWeights(from, to, kernel);
        for (let i = 0; i < to; i += 1) {
          expect((first[i] ?? 0) + (taps[i] ?? 0)).toBeLessThanOrEqual(from);
          const own = weights.slice(i * stride, i * stride + (taps[i] ?? 0));
          expect(own.reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 5);
        }
      }
    }
  });

  it('ends with the reason of the signal', async () => {
    const stop = new AbortController();
    stop.abort(new Error('enough'));
    await expect(resamplePicture(scene(300), { width: 1200, height: 1200 }, { kernel: 'bicubic', signal: stop.signal })).rejects.toThrow(
      'enough',
    );
  });
});
