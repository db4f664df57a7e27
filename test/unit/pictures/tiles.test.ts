import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createFeatheredCanvas, planTiles, tiledPixels } from '../../../src/core/pictures/tiles.ts';

describe('tiles', () => {
  it('keep every pixel exactly once, with the overlap around it wherever the picture goes on', () => {
    const length = fc.integer({ min: 1, max: 140 });
    fc.assert(
      fc.property(length, length, fc.integer({ min: 0, max: 12 }), fc.integer({ min: 6, max: 60 }), (width, height, overlap, more) => {
        const size = { width, height };
        const side = 2 * overlap + more;
        const kept = new Uint8Array(width * height);
        const tiles = planTiles(size, { side, overlap });
        for (const { keep } of tiles)
          for (let y = keep.top; y < keep.top + keep.height; y += 1)
            for (let x = keep.left; x < keep.left + keep.width; x += 1) kept[y * width + x] = (kept[y * width + x] ?? 0) + 1;
        expect(kept.every((times) => times === 1)).toBe(true);
        const bad = tiles.filter(({ source, keep }) => {
          const right = source.left + source.width;
          const bottom = source.top + source.height;
          return (
            source.width !== Math.min(side, width) ||
            source.height !== Math.min(side, height) ||
            (source.left > 0 && keep.left - source.left < overlap) ||
            (source.top > 0 && keep.top - source.top < overlap) ||
            (right < width && right - keep.left - keep.width < overlap) ||
            (bottom < height && bottom - keep.top - keep.height < overlap)
          );
        });
        expect(bad).toEqual([]);
        expect(tiledPixels(size, { side, overlap })).toBe(tiles.reduce((sum, { source }) => sum + source.width * source.height, 0));
      }),
      { numRuns: 40 },
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
