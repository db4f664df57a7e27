import { createPicture, type Picture, type Rect } from '#core';

/** Longest side of a preview, in pixels. */
const side = 384;

export interface TilePreview {
  /** What is done; `keep` in pixels of the source. The canvas is looked at later. */
  add(canvas: Picture, keep: Rect): void;
  picture(): Picture;
}

/** A small picture of the work: what is done in its own light, what is still to come dark. */
export function createTilePreview(source: Picture, scale: number): TilePreview {
  const step = Math.max(source.width, source.height) / Math.min(side, Math.max(source.width, source.height));
  const width = Math.max(1, Math.floor(source.width / step));
  const height = Math.max(1, Math.floor(source.height / step));
  const small = createPicture(width, height, 3);
  const copy = (from: Picture, factor: number, light: number, part: Rect) => {
    for (let y = Math.ceil(part.top / step); y < Math.min(height, (part.top + part.height) / step); y += 1) {
      for (let x = Math.ceil(part.left / step); x < Math.min(width, (part.left + part.width) / step); x += 1) {
        const at = (Math.floor(y * step * factor) * from.width + Math.floor(x * step * factor)) * 3;
        for (let c = 0; c < 3; c += 1) small.data[(y * width + x) * 3 + c] = (from.data[at + c] ?? 0) * light;
      }
    }
  };
  // Drawn when somebody looks: most work is done before that.
  const waiting: (() => void)[] = [() => copy(source, 1, 0.35, { left: 0, top: 0, width: source.width, height: source.height })];
  return {
    add: (canvas, keep) => waiting.push(() => copy(canvas, scale, 1, keep)),
    picture: () => {
      for (const draw of waiting.splice(0)) draw();
      return { ...small, data: small.data.slice() };
    },
  };
}
