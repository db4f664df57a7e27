import { describe, expect, test } from 'vitest';
import { createDrawingPace, type DrawingPace } from '../../../public/app/browser/drawing-pace.ts';

/** Lets so many drawings of this cost happen. @returns the wait behind the last one, in ms */
function drawn(pace: DrawingPace, count: number, costMs: number): number {
  for (let drawing = 0; drawing < count; drawing += 1) {
    pace.began(0);
    pace.cost(costMs);
  }
  return pace.wait(0);
}

describe('the pace of drawings', () => {
  test('does not delay the first one, nor one after a pause', () => {
    const pace = createDrawingPace();
    expect(pace.wait(0)).toBe(Number.NEGATIVE_INFINITY);
    pace.began(0);
    expect(pace.wait(500)).toBeLessThan(0);
  });

  test('is thirty a second where a drawing is cheap, and fifteen where it is dear', () => {
    expect(drawn(createDrawingPace(), 100, 2)).toBe(33);
    expect(drawn(createDrawingPace(), 100, 40)).toBe(66);
    const between = drawn(createDrawingPace(), 100, 4.5);
    expect(between).toBeGreaterThan(40);
    expect(between).toBeLessThan(50);
  });

  test('is not slowed by one drawing that took long, and gets quick again', () => {
    const pace = createDrawingPace();
    drawn(pace, 100, 2);
    expect(drawn(pace, 1, 10)).toBe(33);
    expect(drawn(pace, 100, 40)).toBe(66);
    expect(drawn(pace, 100, 2)).toBe(33);
  });
});
