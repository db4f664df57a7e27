import { createPicture, type Picture, peakOf, resampleRows } from '#core';

/**
 * One step of back-projection: reduced again, a larger picture has to be the picture that it was made from, so what is
 * missing there is enlarged and added. It takes away what a network shifted in brightness, and gives 16 bit their steps back:
 * the networks take and give 8. Detail that averages out over a source pixel stays as the network made it.
 * @param larger RGB, 8 bit, a whole multiple of the source's size; changed in place where the source has 8 bit
 * @param source RGB, 8 or 16 bit
 * @returns in the source's depth
 */
export async function matchSource(larger: Picture, source: Picture, signal: AbortSignal): Promise<Picture> {
  const scale = larger.width / source.width;
  const peak = peakOf(source);
  const unit = peak / 255;
  // Rows are written after they were read for the last time, so 8 bit need no second copy of what may be 120 MB.
  const result = peak === 255 ? larger : createPicture(larger.width, larger.height, 3, peak);
  const { data } = larger;
  const colours = source.data;
  const { fround } = Math;
  const written = result.data;
  const length = larger.width * 3;
  const part = unit / (scale * scale);
  const readRow = (y: number, target: Float32Array) => {
    for (let to = 0, at = y * target.length; to < target.length; to += 3, at += 3) {
      let a = colours[at] ?? 0;
      let b = colours[at + 1] ?? 0;
      let c = colours[at + 2] ?? 0;
      for (let row = y * scale; row < (y + 1) * scale; row += 1) {
        let from = row * length + to * scale;
        for (const end = from + scale * 3; from < end; from += 3) {
          a = fround(a - part * (data[from] ?? 0));
          b = fround(b - part * (data[from + 1] ?? 0));
          c = fround(c - part * (data[from + 2] ?? 0));
        }
      }
      target[to] = a;
      target[to + 1] = b;
      target[to + 2] = c;
    }
  };
  const missing = { width: source.width, height: source.height, channels: 3, readRow };
  await resampleRows(missing, larger, { kernel: 'bicubic', signal }, (y, row) => {
    for (let i = 0, at = y * length; i < length; i += 1, at += 1) {
      const value = (data[at] ?? 0) * unit + (row[i] ?? 0) + 0.5;
      written[at] = value < 0 ? 0 : value > peak ? peak : value;
    }
  });
  return result;
}
