import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createFeatheredCanvas, planTiles, tiledPixels } from '../../../src/core/pictures/tiles.ts';

describe('tiles', () => {
  it('keep every pixel exactly once, with the overlap around it wherever the picture goes on', () => {
    fc.assert(
      fc.property(
        fc.record({ width: fc.integer({ min: 1, max: 300 }), height: fc.integer({ min: 1, max: 300 }) }),
        fc.integer({ min: 0, max: 20 }),
        fc.integer({ min: 1, max: 60 }),
        (size, overlap, more) => {
          const side = 2 * overlap + more;
          const kept = new Uint8Array(size.width * size.height);
          let pixels = 0;
          for (const { source, keep } of planTiles(size, { side, overlap })) {
            pixels += source.width * source.height;
            expect([source.width, source.height]).toEqual([Math.min(side, size.width), Math.min(side, size.height)]);
            for (let y = keep.top; y < keep.top + keep.height; y += 1)
              for (let x = keep.left; x < keep.left + keep.width; x += 1) kept[y * size.width + x] = (kept[y * size.width + x] ?? 0) + 1;
            expect(source.left === 0 || keep.left - source.left >= overlap).toBe(true);
            expect(source.top === 0 || keep.top - source.top >= overlap).toBe(true);
            const right = source.left + source.width;
            const bottom = source.top + source.height;
            expect(right === size.width || right - keep.left - keep.width >= overlap).toBe(true);
            expect(bottom === size.height || bottom - keep.top - keep.height >= overlap).toBe(true);
          }
          expect(kept.every((times) => times === 1)).toBe(true);
          expect(tiledPixels(size, { side, overlap })).toBe(pixels);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('must be larger than what is thrown away', () => {
    expect(() => planTiles({ width: 9, height: 9 }, { side: 32, overlap: 16 })).toThrow(RangeError);
  });
});

describe('a feathered canvas', () => {
  const size = { width: 70, height: 45 };
  const tiles = planTiles(size, { side: 32, overlap: 6 });

  it('gives back what all tiles agree on', () => {
    const canvas = createFeatheredCanvas(size, { channels: 1 });
    const valueAt = (x: number, y: number) => (x * 3 + y * 5) % 250;
    for (const tile of tiles) {
      const { left, top, width, height } = tile.source;
      canvas.add(
        tile,
        Array.from({ length: width * height }, (_, i) => valueAt(left + (i % width), top + Math.floor(i / width))),
      );
    }
    canvas.finish().data.forEach((value, i) => expect(value).toBe(valueAt(i % 70, Math.floor(i / 70))));
  });

  it('goes from one tile to the next without a step where they do not agree', () => {
    const canvas = createFeatheredCanvas(size, { channels: 3, scale: 2 });
    for (const [i, tile] of tiles.entries()) {
      const { width, height } = tile.source;
      canvas.add(tile, new Float32Array(width * height * 12).fill(i % 2 === 0 ? 100 : 148));
    }
    const { data, width } = canvas.finish();
    for (let x = 1; x < width; x += 1) expect(Math.abs((data[x * 3] ?? 0) - (data[x * 3 - 3] ?? 0))).toBeLessThanOrEqual(3);
  });
});
