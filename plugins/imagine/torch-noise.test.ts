import { describe, expect, it } from 'vitest';
import { createTorchNoise } from './torch-noise.ts';

describe('the noise of a seed', () => {
  it('is what torch draws on a CPU', () => {
    const noise = createTorchNoise(0)(4 * 64 * 64);
    for (const [index, value] of [-1.1258, -1.1524, -0.2506, -0.4339].entries()) expect(noise[index]).toBeCloseTo(value, 4);
  });

  it('goes on where it stopped, is the same for the same seed and another for another', () => {
    const [one, same, other] = [createTorchNoise(7), createTorchNoise(7), createTorchNoise(8)];
    const first = one(64);
    expect(same(64)).toEqual(first);
    expect(one(64)).not.toEqual(first);
    expect(other(64)).not.toEqual(first);
    expect(createTorchNoise(2 ** 32 - 1)(16)).toHaveLength(16);
  });

  it('has the mean and the spread of unit noise, also where the count is no multiple of 16', () => {
    const noise = createTorchNoise(42)(100_003);
    const mean = noise.reduce((sum, value) => sum + value, 0) / noise.length;
    const square = noise.reduce((sum, value) => sum + value * value, 0) / noise.length;
    expect(Math.abs(mean)).toBeLessThan(0.01);
    expect(Math.abs(square - 1)).toBeLessThan(0.02);
    expect(noise.slice(-16).every((value) => Math.abs(value) < 6 && value !== 0)).toBe(true);
    expect(() => createTorchNoise(1)(15)).toThrow('16');
  });
});
