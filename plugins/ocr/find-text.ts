import { convexHull, cornersOf, type Point, type Quad, smallestRect, type TurnedRect } from './geometry.ts';

/** A place where there is text, and how sure the network is, 0..1. */
export interface TextPlace {
  readonly quad: Quad;
  readonly score: number;
}

/** How likely each pixel belongs to text, 0..1, row by row. */
export interface TextMap {
  readonly width: number;
  readonly height: number;
  readonly values: Float32Array;
}

/** The constants of PP-OCRv4's own post-processing (PaddleOCR, `DBPostProcess`, Apache-2.0). */
const pixelThreshold = 0.3;
const boxThreshold = 0.6;
const unclipRatio = 1.5;
const smallestSide = 3;
const mostPlaces = 1000;

/**
 * From the map of a detection network (differentiable binarisation, Liao et al. 2019) to rectangles: connected pixels,
 * the smallest rectangle around them, grown back by what the network was trained to shrink.
 * @returns quads in pixels of the map
 */
export function placesIn(map: TextMap): TextPlace[] {
  const places: TextPlace[] = [];
  for (const outline of outlinesIn(map)) {
    const rect = smallestRect(convexHull(outline));
    // The outline runs through pixel centres, so the rectangle lacks a pixel.
    const whole = { ...rect, along: rect.along + 1, across: rect.across + 1 };
    if (Math.min(whole.along, whole.across) < smallestSide) continue;
    const score = meanInside(map, whole);
    if (score < boxThreshold) continue;
    const grown = grow(whole);
    if (Math.min(grown.along, grown.across) < smallestSide + 2) continue;
    places.push({ quad: cornersOf(grown), score });
    if (places.length === mostPlaces) break;
  }
  return places;
}

function grow(rect: TurnedRect): TurnedRect {
  const { along, across } = rect;
  const by = (along * across * unclipRatio) / (2 * (along + across));
  return { ...rect, along: along + 2 * by, across: across + 2 * by };
}

/** Of each connected piece (eight neighbours) the leftmost and rightmost pixels of its rows: enough for a hull. */
function* outlinesIn(map: TextMap): Generator<Point[]> {
  const isNew = (index: number): boolean => seen[index] === 0 && (map.values[index] ?? 0) > pixelThreshold;
  const seen = new Uint8Array(map.width * map.height);
  for (let start = 0; start < seen.length; start += 1) {
    if (!isNew(start)) continue;
    const rows = new Map<number, { left: number; right: number }>();
    const waiting = [start];
    seen[start] = 1;
    for (let index = waiting.pop(); index !== undefined; index = waiting.pop()) {
      const x = index % map.width;
      const y = (index - x) / map.width;
      const row = rows.get(y) ?? { left: x, right: x };
      rows.set(y, { left: Math.min(row.left, x), right: Math.max(row.right, x) });
      for (const next of neighbours(map, x, y)) {
        if (!isNew(next)) continue;
        seen[next] = 1;
        waiting.push(next);
      }
    }
    yield [...rows].flatMap(([y, { left, right }]) => [
      { x: left, y },
      { x: right, y },
    ]);
  }
}

function neighbours({ width, height }: TextMap, x: number, y: number): number[] {
  const found: number[] = [];
  for (let ny = Math.max(0, y - 1); ny <= Math.min(height - 1, y + 1); ny += 1) {
    for (let nx = Math.max(0, x - 1); nx <= Math.min(width - 1, x + 1); nx += 1) {
      if (nx !== x || ny !== y) found.push(ny * width + nx);
    }
  }
  return found;
}

/** The mean of the map inside a rectangle. */
function meanInside({ width, height, values }: TextMap, { centre, along, across, direction }: TurnedRect): number {
  const reach = Math.hypot(along, across) / 2;
  const top = Math.max(0, Math.floor(centre.y - reach));
  const bottom = Math.min(height - 1, Math.ceil(centre.y + reach));
  const left = Math.max(0, Math.floor(centre.x - reach));
  const right = Math.min(width - 1, Math.ceil(centre.x + reach));
  let sum = 0;
  let count = 0;
  for (let y = top; y <= bottom; y += 1) {
    for (let x = left; x <= right; x += 1) {
      const dx = x - centre.x;
      const dy = y - centre.y;
      const a = Math.abs(dx * direction.x + dy * direction.y);
      const b = Math.abs(dy * direction.x - dx * direction.y);
      if (a > along / 2 || b > across / 2) continue;
      sum += values[y * width + x] ?? 0;
      count += 1;
    }
  }
  return count === 0 ? 0 : sum / count;
}
