import { describe, expect, it } from 'vitest';
import { boxMean, gaussianMean } from '../../../src/core/pictures/box-mean.ts';
import { fillTransparent } from '../../../src/core/pictures/fill-transparent.ts';
import { guidedFilter } from '../../../src/core/pictures/guided-filter.ts';
import { lightOf, valueOfLight } from '../../../src/core/pictures/light.ts';
import type { Picture } from '../../../src/core/pictures/picture.ts';
import { cropPicture, pastePicture, toEightBit, toRgb, withAlpha } from '../../../src/core/pictures/picture-parts.ts';
import { psnr, ssim } from '../../../src/core/pictures/quality.ts';
import { resamplePlane } from '../../../src/core/pictures/resample.ts';

const rgb = (side: number, colour: (x: number, y: number) => readonly [number, number, number]): Picture => {
  const data = new Uint8Array(side * side * 3);
  for (let i = 0; i < side * side; i += 1) data.set(colour(i % side, Math.floor(i / side)), i * 3);
  return { width: side, height: side, channels: 3, data };
};
const noise = (i: number) => Math.abs(Math.sin(i * 12.9898) * 43_758.5453) % 1;

describe('box and Gaussian means', () => {
  it('are the means that a slow loop finds, to the border', () => {
    const plane = { width: 13, height: 9, data: Float32Array.from({ length: 117 }, (_, i) => noise(i)) };
    for (const radius of [1, 3, 20]) {
      const fast = boxMean(plane, radius);
      for (let y = 0; y < 9; y += 1) {
        for (let x = 0; x < 13; x += 1) {
          let [sum, count] = [0, 0];
          for (let v = Math.max(0, y - radius); v <= Math.min(8, y + radius); v += 1)
            for (let u = Math.max(0, x - radius); u <= Math.min(12, x + radius); u += 1)
              [sum, count] = [sum + (plane.data[v * 13 + u] ?? 0), count + 1];
          expect(fast.data[y * 13 + x]).toBeCloseTo(sum / count, 5);
        }
      }
    }
  });

  it('spread a point as a Gaussian does', () => {
    const side = 81;
    const point = { width: side, height: side, data: new Float32Array(side * side) };
    point.data[40 * side + 40] = 1;
    const { data } = gaussianMean(point, 6);
    let variance = 0;
    data.forEach((value, i) => (variance += value * ((i % side) - 40) ** 2));
    expect(Math.sqrt(variance)).toBeCloseTo(6, 0);
  });
});

describe('the guided filter', () => {
  const side = 96;
  // A border that no coarse matte knows: a circle, blue inside and sand outside, with grain.
  const inside = (x: number, y: number) => Math.hypot(x - 47.5, y - 47.5) < 30;
  const guide = rgb(side, (x, y) => {
    const grain = 12 * noise(y * side + x);
    return inside(x, y) ? [40 + grain, 60 + grain, 150 + grain] : [200 + grain, 180 + grain, 140 + grain];
  });
  const truth = Float32Array.from({ length: side * side }, (_, i) => Number(inside(i % side, Math.floor(i / side))));

  it('draws a matte of 16 cells along the border of the picture, to the pixel', async () => {
    const coarse = await resamplePlane({ width: side, height: side, data: truth }, { width: 16, height: 16 }, { kernel: 'box' });
    const blurred = await resamplePlane(coarse, guide, { kernel: 'bilinear' });
    const refined = await guidedFilter(guide, blurred, { radius: 8, epsilon: 1e-4 });
    const wrong = (data: Float32Array) => data.filter((value, i) => value > 0.5 !== (truth[i] ?? 0) > 0.5).length;
    expect(wrong(blurred.data)).toBeGreaterThan(30);
    expect(wrong(refined.data)).toBe(0);
  });

  it('does nearly the same with a plane of half the size', async () => {
    const full = await guidedFilter(guide, { width: side, height: side, data: truth }, { radius: 8, epsilon: 1e-4 });
    const half = await resamplePlane({ width: side, height: side, data: truth }, { width: 48, height: 48 }, { kernel: 'bilinear' });
    const fast = await guidedFilter(guide, half, { radius: 4, epsilon: 1e-4 });
    const difference = full.data.reduce((sum, value, i) => sum + Math.abs(value - (fast.data[i] ?? 0)), 0) / full.data.length;
    expect(difference).toBeLessThan(0.02);
  });

  it('leaves a constant as it is', async () => {
    const constant = { width: side, height: side, data: new Float32Array(side * side).fill(0.4) };
    for (const value of (await guidedFilter(guide, constant, { radius: 5, epsilon: 1e-3 })).data) expect(value).toBeCloseTo(0.4, 4);
  });
});

describe('quality', () => {
  it('has the known values', () => {
    const a = rgb(32, (x, y) => [x * 4, y * 4, 100]);
    const off = { ...a, data: a.data.map((value) => value + 5) } as Picture;
    expect(psnr(a, off)).toBeCloseTo(10 * Math.log10(255 ** 2 / 25), 6);
    expect(psnr(a, a)).toBe(Number.POSITIVE_INFINITY);
    expect(ssim(a, a)).toBeCloseTo(1, 9);
    // Of two flat pictures only the term of the means is left: (2ab + c1) / (a² + b² + c1).
    const flat = (value: number) => rgb(16, () => [value, value, value]);
    const c1 = 2.55 ** 2;
    expect(ssim(flat(100), flat(150))).toBeCloseTo((2 * 15_000 + c1) / (10_000 + 22_500 + c1), 6);
    expect(() => psnr(a, cropPicture(a, { left: 0, top: 0, width: 8, height: 8 }))).toThrow(RangeError);
  });
});

describe('parts of pictures', () => {
  it('come out and go back in where they were', () => {
    const picture = rgb(9, (x, y) => [x, y, x * y]);
    const part = cropPicture(picture, { left: 2, top: 3, width: 4, height: 5 });
    expect([...part.data.slice(0, 3)]).toEqual([2, 3, 6]);
    const blank = { ...picture, data: new Uint8Array(picture.data.length) };
    pastePicture(blank, part, { left: 1, top: 1, width: 2, height: 2 }, { left: 3, top: 4 });
    expect([...blank.data.slice((4 * 9 + 3) * 3, (4 * 9 + 4) * 3)]).toEqual([3, 4, 12]);
    expect(() => cropPicture(picture, { left: 6, top: 0, width: 4, height: 1 })).toThrow(RangeError);
  });

  it('round 16 bit to the nearest of 8, so that 8 bit survive the way there and back', () => {
    const data = Uint16Array.from({ length: 256 }, (_, i) => i * 257);
    expect([...toEightBit({ width: 16, height: 16, channels: 1, data }).data]).toEqual(Array.from({ length: 256 }, (_, i) => i));
  });

  it('go into light and back', () => {
    for (let i = 0; i <= 255; i += 1) expect(valueOfLight(lightOf(i / 255)) * 255).toBeCloseTo(i, 4);
    expect(lightOf(0.5)).toBeCloseTo(0.214, 3);
  });

  it('get the colours of their neighbours where they are transparent', async () => {
    const side = 32;
    const colours = rgb(side, (x) => (x < 8 ? [200, 100, 50] : [0, 255, 0]));
    const alpha = {
      width: side,
      height: side,
      channels: 1 as const,
      data: Uint8Array.from({ length: side * side }, (_, i) => (i % side < 8 ? 255 : 0)),
    };
    const filled = await fillTransparent(withAlpha(colours, alpha));
    for (let i = 0; i < filled.data.length; i += 3) expect([...filled.data.slice(i, i + 3)]).toEqual([200, 100, 50]);
    expect(await fillTransparent(colours)).toEqual(toRgb(colours));
  });
});
