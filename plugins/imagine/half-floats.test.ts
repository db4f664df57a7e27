import { describe, expect, it } from 'vitest';
import { floatsOf, halfBitsOf, halvesOf, numberOfHalf } from './half-floats.ts';

describe('half-precision numbers', () => {
  it('come back as the same bits, all 65536 of them', () => {
    for (let bits = 0; bits < 0x1_0000; bits += 1) {
      const value = numberOfHalf(bits);
      if (Number.isNaN(value)) expect(Number.isNaN(numberOfHalf(halfBitsOf(value)))).toBe(true);
      else if (halfBitsOf(value) !== bits) expect.fail(`${bits} became ${halfBitsOf(value)}`);
    }
  });

  it.each([
    [1, 0x3c00],
    [-2, 0xc000],
    [65_504, 0x7bff],
    [65_519.996, 0x7bff],
    [65_520, 0x7c00],
    [1e9, 0x7c00],
    [-1e9, 0xfc00],
    [2 ** -24, 0x0001],
    [2 ** -25, 0x0000],
    [1.5 * 2 ** -25, 0x0001],
    [3 * 2 ** -25, 0x0002],
    [2 ** -14, 0x0400],
    [2 ** -14 - 2 ** -26, 0x0400],
    [1 + 2 ** -11, 0x3c00],
    [1 + 3 * 2 ** -11, 0x3c02],
    [0.1, 0x2e66],
    [-0, 0x8000],
  ])('%d is nearest to the bits %d', (value, bits) => {
    expect(halfBitsOf(value)).toBe(bits);
  });

  it('travel in arrays', () => {
    expect([...floatsOf(halvesOf(Float32Array.of(0.5, -0.25, 1000)))]).toEqual([0.5, -0.25, 1000]);
  });
});
