import { createPicture, type Picture, resampleRows } from '#core';

/**
 * Gives a network's 8 bit answer the depth of its 16 bit source: reduced to the source's size, the result has to be the
 * source, so what is missing there (the steps that 8 bit could not hold, in and out) is enlarged and added. Smooth
 * gradients become smooth again; the finest detail, which the network makes, keeps its 8 bit steps.
 * @param larger RGB, 8 bit, a whole multiple of the source's size
 * @param source RGB, 16 bit
 */
export async function restoreDepth(larger: Picture, source: Picture, signal: AbortSignal): Promise<Picture> {
  const scale = larger.width / source.width;
  const result = createPicture(larger.width, larger.height, 3, 65_535);
  const length = larger.width * 3;
  const part = 257 / (scale * scale);
  /** What the source has and the mean of the answer's pixels has not. */
  const readRow = (y: number, target: Float32Array) => {
    target.fill(0);
    for (let row = y * scale; row < (y + 1) * scale; row += 1) {
      for (let x = 0, from = row * length; x < larger.width; x += 1, from += 3) {
        const to = Math.floor(x / scale) * 3;
        for (let c = 0; c < 3; c += 1) target[to + c] = (target[to + c] ?? 0) - part * (larger.data[from + c] ?? 0);
      }
    }
    for (let i = 0, from = y * source.width * 3; i < target.length; i += 1, from += 1)
      target[i] = (target[i] ?? 0) + (source.data[from] ?? 0);
  };
  const missing = { width: source.width, height: source.height, channels: 3, readRow };
  await resampleRows(missing, larger, { kernel: 'bilinear', signal }, (y, row) => {
    for (let i = 0, at = y * length; i < length; i += 1, at += 1) {
      const value = (larger.data[at] ?? 0) * 257 + (row[i] ?? 0) + 0.5;
      result.data[at] = value < 0 ? 0 : value > 65_535 ? 65_535 : value;
    }
  });
  return result;
}
