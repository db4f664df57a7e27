import { createPicture, type Picture } from '#core';
import { distance, type Point, type Quad } from './geometry.ts';

/** What the recognition network was trained on. */
export const lineHeight = 48;
/** A longer line would take much memory for text that nobody prints. */
const widestLine = 3200;
/** A place this much higher than wide holds text that runs from top to bottom. */
const uprightRatio = 1.5;

/** How wide a line becomes at `lineHeight`, in pixels. */
export function lineWidth(quad: Quad): number {
  const [a, b, , d] = turned(quad);
  return Math.min(widestLine, Math.max(8, Math.round((lineHeight * distance(a, b)) / Math.max(1, distance(a, d)))));
}

/** Text that runs from top to bottom is read after a quarter turn to the left. */
function turned(quad: Quad): Quad {
  const [a, b, c, d] = quad;
  return distance(a, d) / Math.max(1, distance(a, b)) >= uprightRatio ? [b, c, d, a] : quad;
}

/**
 * Cuts a place out of an 8-bit RGB picture, upright, `lineHeight` pixels high. Each pixel is the mean of as many samples as
 * the place is larger, so that small print does not fall through.
 */
export function cutLine(picture: Picture, quad: Quad): Picture {
  const [a, b, c, d] = turned(quad);
  const width = lineWidth(quad);
  const line = createPicture(width, lineHeight, 3);
  const across = Math.min(4, Math.max(1, Math.round(distance(a, b) / width)));
  const down = Math.min(4, Math.max(1, Math.round(distance(a, d) / lineHeight)));
  const sums = new Float64Array(3);
  for (let y = 0; y < lineHeight; y += 1) {
    for (let x = 0; x < width; x += 1) {
      sums.fill(0);
      for (let j = 0; j < down; j += 1) {
        for (let i = 0; i < across; i += 1) {
          const u = (x + (i + 0.5) / across) / width;
          const v = (y + (j + 0.5) / down) / lineHeight;
          addSample(picture, between(a, b, c, d, u, v), sums);
        }
      }
      for (let channel = 0; channel < 3; channel += 1) {
        line.data[(y * width + x) * 3 + channel] = Math.round((sums[channel] ?? 0) / (across * down));
      }
    }
  }
  return line;
}

/** The same line the other way up. */
export function turnOver(line: Picture): Picture {
  const result = createPicture(line.width, line.height, 3);
  const pixels = line.width * line.height;
  for (let index = 0; index < pixels; index += 1) {
    for (let channel = 0; channel < 3; channel += 1) {
      result.data[(pixels - 1 - index) * 3 + channel] = line.data[index * 3 + channel] ?? 0;
    }
  }
  return result;
}

// oxlint-disable-next-line eslint/max-params -- four corners and a place between them
function between(a: Point, b: Point, c: Point, d: Point, u: number, v: number): Point {
  return {
    x: (1 - v) * ((1 - u) * a.x + u * b.x) + v * ((1 - u) * d.x + u * c.x),
    y: (1 - v) * ((1 - u) * a.y + u * b.y) + v * ((1 - u) * d.y + u * c.y),
  };
}

/** Bilinear, with the edge repeated outside; `x` and `y` in pixels from the top left corner, so a pixel's centre is at .5. */
function addSample({ width, height, data }: Picture, { x, y }: Point, sums: Float64Array): void {
  const cx = Math.min(width - 1, Math.max(0, x - 0.5));
  const cy = Math.min(height - 1, Math.max(0, y - 0.5));
  const x0 = Math.floor(cx);
  const y0 = Math.floor(cy);
  const x1 = Math.min(width - 1, x0 + 1);
  const y1 = Math.min(height - 1, y0 + 1);
  const fx = cx - x0;
  const fy = cy - y0;
  for (let channel = 0; channel < 3; channel += 1) {
    const top = (data[(y0 * width + x0) * 3 + channel] ?? 0) * (1 - fx) + (data[(y0 * width + x1) * 3 + channel] ?? 0) * fx;
    const bottom = (data[(y1 * width + x0) * 3 + channel] ?? 0) * (1 - fx) + (data[(y1 * width + x1) * 3 + channel] ?? 0) * fx;
    sums[channel] = (sums[channel] ?? 0) + top * (1 - fy) + bottom * fy;
  }
}
