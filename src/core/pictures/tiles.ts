import type { Picture, PictureSize } from './picture.ts';
import { createPicture, type Rect } from './picture-parts.ts';

/** A tile: what a network gets, and which part of its answer is kept. Both in pixels of the whole picture. */
export interface Tile {
  readonly source: Rect;
  /** Inside `source`, at least `overlap` away from each of its edges that is not an edge of the picture. All `keep` together cover the picture once. */
  readonly keep: Rect;
}

export interface TileOptions {
  /** Side of `source`; more than twice the overlap. */
  readonly side: number;
  /** At least how far a network looks, so that what is kept is what the whole picture would have given. */
  readonly overlap: number;
}

/**
 * Tiles from left to right and top to bottom. All are of the same size where the picture is larger than a tile (the last
 * ones are moved back inside), so a session plans its memory once. Nothing is padded: at the picture's own edges a network
 * keeps its own padding, as it would for the whole.
 */
export function planTiles(size: PictureSize, { side, overlap }: TileOptions): Tile[] {
  if (side <= 2 * overlap) throw new RangeError(`tiles of ${side} cannot overlap by ${overlap}`);
  const columns = planAxis(size.width, side, overlap);
  return planAxis(size.height, side, overlap).flatMap((row) =>
    columns.map((column) => ({
      source: { left: column.start, top: row.start, width: column.length, height: row.length },
      keep: { left: column.keepStart, top: row.keepStart, width: column.keepEnd - column.keepStart, height: row.keepEnd - row.keepStart },
    })),
  );
}

/** How many pixels all tiles together have: what the work costs. */
export function tiledPixels(size: PictureSize, options: TileOptions): number {
  const sum = (length: number) => planAxis(length, options.side, options.overlap).reduce((total, span) => total + span.length, 0);
  return sum(size.width) * sum(size.height);
}

interface Span {
  readonly start: number;
  readonly length: number;
  readonly keepStart: number;
  readonly keepEnd: number;
}

function planAxis(total: number, side: number, overlap: number): Span[] {
  const spans: Span[] = [];
  for (let keepStart = 0; keepStart < total; ) {
    const length = Math.min(side, total);
    const start = Math.max(0, Math.min(keepStart - overlap, total - length));
    const end = start + length;
    const keepEnd = end === total ? total : end - overlap;
    spans.push({ start, length, keepStart, keepEnd });
    keepStart = keepEnd;
  }
  return spans;
}

/** Joins tiles that do not quite agree: each fades out towards its inner edges over the width of the overlap. */
export interface FeatheredCanvas {
  /** `pixels`: the answer for `tile.source`, `scale` times its size, with the canvas's channels; any number range. */
  add(tile: Tile, pixels: ArrayLike<number>): void;
  /** The weighted mean, rounded and clipped to 0..peak. */
  finish(): Picture;
}

/**
 * @param size of the whole picture that was planned
 * @param options `scale`: how much larger answers are than their tiles (default 1); `channels`; `peak` 255 or 65535 (default 255)
 */
export function createFeatheredCanvas(
  size: PictureSize,
  options: { readonly channels: Picture['channels']; readonly scale?: number; readonly peak?: 255 | 65_535 },
): FeatheredCanvas {
  const { channels, scale = 1, peak = 255 } = options;
  const width = size.width * scale;
  const height = size.height * scale;
  const sums = new Float32Array(width * height * channels);
  const weights = new Float32Array(width * height);
  return {
    add: (tile, pixels) => {
      const { source, keep } = tile;
      const across = fade(
        { start: source.left, length: source.width, keepStart: keep.left, keepEnd: keep.left + keep.width },
        size.width,
        scale,
      );
      const down = fade(
        { start: source.top, length: source.height, keepStart: keep.top, keepEnd: keep.top + keep.height },
        size.height,
        scale,
      );
      for (let y = 0, from = 0; y < down.length; y += 1) {
        let to = (source.top * scale + y) * width + source.left * scale;
        for (let x = 0; x < across.length; x += 1, to += 1) {
          const weight = (down[y] ?? 0) * (across[x] ?? 0);
          weights[to] = (weights[to] ?? 0) + weight;
          for (let c = 0; c < channels; c += 1, from += 1) {
            const at = to * channels + c;
            sums[at] = (sums[at] ?? 0) + weight * (pixels[from] ?? 0);
          }
        }
      }
    },
    finish: () => {
      const picture = createPicture(width, height, channels, peak);
      for (let i = 0; i < sums.length; i += 1) {
        const value = (sums[i] ?? 0) / (weights[(i / channels) | 0] ?? 1) + 0.5;
        picture.data[i] = value < 0 ? 0 : value > peak ? peak : value;
      }
      return picture;
    },
  };
}

/** 1 in the middle, falling linearly to nearly 0 over twice the overlap at edges that are not the picture's. */
function fade({ start, length, keepStart, keepEnd }: Span, total: number, scale: number): Float32Array {
  const before = start === 0 ? 0 : 2 * (keepStart - start) * scale;
  const after = start + length === total ? 0 : 2 * (start + length - keepEnd) * scale;
  const ramp = new Float32Array(length * scale);
  for (let i = 0; i < ramp.length; i += 1) {
    const rise = before === 0 ? 1 : Math.min(1, (i + 0.5) / before);
    const fall = after === 0 ? 1 : Math.min(1, (ramp.length - i - 0.5) / after);
    ramp[i] = Math.min(rise, fall);
  }
  return ramp;
}
