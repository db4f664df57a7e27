import { boxMean, createPace, createPlane, lumaOf, type Picture, type Plane } from '#core';

/** Rounds of taking back a small blur (Van Cittert): each adds what the blur takes away from the picture so far. */
const rounds = 3;
const gain = 0.8;
/** Differences below this many deviations of the noise are left alone. */
const coring = 1.5;

/** Brightness of an 8-bit RGB picture, 0..255. */
export function brightnessOf({ width, height, data }: Picture): Plane {
  const plane = createPlane(width, height);
  for (let i = 0, at = 0; i < plane.data.length; i += 1, at += 3)
    plane.data[i] = lumaOf(data[at] ?? 0, data[at + 1] ?? 0, data[at + 2] ?? 0);
  return plane;
}

/** A blur of 1.15 pixels: two box means of three pixels. */
function slightBlur(plane: Plane): Plane {
  return boxMean(boxMean(plane, 1), 1);
}

/** The least and the most of the 3 x 3 pixels around each. */
function neighbours({ width, height, data }: Plane, at: number): [number, number] {
  const x = at % width;
  const y = Math.floor(at / width);
  let least = 255;
  let most = 0;
  for (let row = Math.max(0, y - 1); row <= Math.min(height - 1, y + 1); row += 1) {
    for (let column = Math.max(0, x - 1); column <= Math.min(width - 1, x + 1); column += 1) {
      const value = data[row * width + column] ?? 0;
      if (value < least) least = value;
      if (value > most) most = value;
    }
  }
  return [least, most];
}

/**
 * Takes back a blur of about a pixel in the brightness of a picture. Knows nothing of how a camera moved. What becomes brighter or darker than all
 * its neighbours were by more than a part of their contrast is held back: no halos.
 * @param rgb 8 bit
 * @param sigma deviation of the noise in the brightness, 0..255
 */
export async function sharpen(rgb: Picture, sigma: number, signal: AbortSignal): Promise<Picture> {
  const pace = createPace(signal);
  const original = brightnessOf(rgb);
  let sharp = original;
  for (let round = 0; round < rounds; round += 1) {
    const blurred = slightBlur(sharp);
    const next = createPlane(rgb.width, rgb.height);
    for (let i = 0; i < next.data.length; i += 1) {
      const lost = (original.data[i] ?? 0) - (blurred.data[i] ?? 0);
      const above = Math.max(0, Math.abs(lost) - coring * sigma);
      next.data[i] = (sharp.data[i] ?? 0) + gain * Math.sign(lost) * above;
    }
    sharp = next;
    await pace();
  }
  const data = new Uint8Array(rgb.data.length);
  for (let i = 0, at = 0; i < original.data.length; i += 1, at += 3) {
    if (i % rgb.width === 0) await pace();
    const [least, most] = neighbours(original, i);
    const room = 0.25 * (most - least);
    const value = Math.min(most + room, Math.max(least - room, sharp.data[i] ?? 0));
    const difference = value - (original.data[i] ?? 0) + 0.5;
    for (let c = at; c < at + 3; c += 1) data[c] = Math.max(0, Math.min(255, (rgb.data[c] ?? 0) + difference));
  }
  return { ...rgb, data };
}
