import { describe, expect, it } from 'vitest';
import { createHeightMap } from '../../../public/app/chat/height-map.ts';
import { resolveRange, segmentsOf, stillServes } from '../../../public/app/chat/mounted-range.ts';

const keys = (count: number) => Array.from({ length: count }, (_, index) => `m${index}`);

describe('where messages lie that are not on the page', () => {
  it('takes the mean of what was measured for what was not', () => {
    const heights = createHeightMap();
    heights.setKeys(keys(4));
    heights.setGap(10);
    heights.measured('m0', 100);
    heights.measured('m3', 300);
    expect([0, 1, 2, 3, 4].map((index) => heights.offsetOf(index))).toEqual([0, 110, 320, 530, 840]);
    expect(heights.extent(1, 3)).toBe(410);
    expect(heights.extent(2, 2)).toBe(0);
  });

  it('finds the message at a place, and the nearest one outside', () => {
    const heights = createHeightMap();
    heights.setKeys(keys(3));
    for (const key of keys(3)) heights.measured(key, 50);
    expect([-5, 0, 49, 50, 149, 1000].map((place) => heights.indexAt(place))).toEqual([0, 0, 0, 1, 2, 2]);
  });

  it('keeps what it measured when older messages come before it, and hears of changes', () => {
    const heights = createHeightMap();
    heights.setKeys(['b']);
    expect(heights.measured('b', 70)).toBe(true);
    expect(heights.measured('b', 70)).toBe(false);
    heights.setKeys(['a', 'b']);
    expect(heights.offsetOf(2)).toBe(140);
    heights.measured('a', 10);
    expect(heights.offsetOf(1)).toBe(10);
  });
});

describe('which messages are on the page', () => {
  const places = (ids: readonly string[]) => new Map(ids.map((id, index) => [id, index]));
  const drawn = (count: number, shown: { from: number; to: number }, pinned: readonly string[] = []) =>
    segmentsOf(keys(count), shown, new Set(pinned)).map((segment) =>
      segment.kind === 'gap' ? `${segment.from}..${segment.to}` : segment.index,
    );

  it('draws the range, the newest ones and what must not go, with the room of the others between them', () => {
    expect(drawn(20, { from: 5, to: 7 }, ['m1'])).toEqual(['0..1', 1, '2..5', 5, 6, '7..16', 16, 17, 18, 19]);
    expect(drawn(3, { from: 0, to: 3 })).toEqual([0, 1, 2]);
    expect(drawn(0, { from: 0, to: 0 })).toEqual([]);
  });

  it('stays with the same messages when older ones come before them, and goes to the end of another branch', () => {
    const range = { first: 'm1', last: 'm2', pinned: new Set<string>() };
    expect(resolveRange(range, places(['old', 'm0', 'm1', 'm2', 'm3']), 5)).toEqual({ from: 2, to: 4 });
    expect(resolveRange(range, places(['m0', 'other']), 2)).toEqual({ from: 0, to: 2 });
    expect(resolveRange(null, places(keys(50)), 50)).toEqual({ from: 30, to: 50 });
  });

  it('draws anew only when the window leaves what is drawn, or far too much is', () => {
    const fresh = { from: 10, to: 30 };
    expect(stillServes({ from: 8, to: 32 }, { from: 12, to: 28 }, fresh)).toBe(true);
    expect(stillServes({ from: 14, to: 32 }, { from: 12, to: 28 }, fresh)).toBe(false);
    expect(stillServes({ from: 0, to: 100 }, { from: 12, to: 28 }, fresh)).toBe(false);
  });
});
