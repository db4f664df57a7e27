import { createPicture, type Picture, type Plane, peakOf, resampleRows } from '#core';
import type { LayerColours } from './foreground.ts';

export interface ComposeOptions {
  /** What lies behind, of the picture's size and depth, RGB; null: nothing, the result has alpha. */
  readonly behind: Picture | null;
  readonly signal: AbortSignal;
}

/**
 * The person alone, or before something else. At half-covered pixels the colour is the person's own, so that no rim of the
 * old background stays.
 * @param picture RGB
 * @param matte of the picture's size, 0..1
 * @param layers of the same shape, any size
 */
export async function compose(picture: Picture, matte: Plane, layers: LayerColours, options: ComposeOptions): Promise<Picture> {
  const { behind, signal } = options;
  const { width, height } = picture;
  const peak = peakOf(picture);
  const result = createPicture(width, height, behind === null ? 4 : 3, peak);
  const length = layers.width * 6;
  const readRow = (y: number, target: Float32Array) => target.set(layers.data.subarray(y * length, (y + 1) * length));
  const source = { width: layers.width, height: layers.height, channels: 6, readRow };
  await resampleRows(source, picture, { kernel: 'bilinear', signal }, (y, row) => {
    for (let x = 0, at = y * width; x < width; x += 1, at += 1) {
      const alpha = matte.data[at] ?? 0;
      for (let c = 0; c < 3; c += 1) {
        const own = ownColour(picture.data[at * 3 + c] ?? 0, alpha, (row[x * 6 + c] ?? 0) * peak, (row[x * 6 + 3 + c] ?? 0) * peak);
        const value = behind === null ? own : own * alpha + (behind.data[at * 3 + c] ?? 0) * (1 - alpha);
        result.data[at * result.channels + c] = Math.min(peak, Math.max(0, value)) + 0.5;
      }
      if (behind === null) result.data[at * 4 + 3] = alpha * peak + 0.5;
    }
  });
  return result;
}

/** The estimate, moved so that it fits what is seen: the surer the pixel is of the person, the more. */
function ownColour(seen: number, alpha: number, person: number, behind: number): number {
  if (alpha >= 1) return seen;
  return person + alpha * (seen - alpha * person - (1 - alpha) * behind);
}
