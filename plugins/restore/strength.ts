import { createPace, lumaOf, type Picture, type Plane, peakOf, toEightBit, toRgb } from '#core';

/**
 * Moves a picture towards its restored 8-bit colours. What changes is the difference, so a 16-bit picture keeps its depth, a grey one
 * stays grey, and alpha is not touched.
 */
export async function moveTowards(picture: Picture, restored: Picture, strength: number, signal: AbortSignal): Promise<Picture> {
  const pace = createPace(signal);
  const { channels, width, height } = picture;
  const before = toEightBit(toRgb(picture));
  const peak = peakOf(picture);
  const unit = (strength * peak) / 255;
  const data = picture.data.slice();
  const colours = Math.min(3, channels);
  for (let i = 0; i < width * height; i += 1) {
    if (i % width === 0) await pace();
    const from = i * 3;
    const change = (c: number) => (restored.data[from + c] ?? 0) - (before.data[from + c] ?? 0);
    for (let c = 0; c < colours; c += 1) {
      const difference = channels === 1 ? lumaOf(change(0), change(1), change(2)) : change(c);
      const value = (picture.data[i * channels + c] ?? 0) + unit * difference + 0.5;
      data[i * channels + c] = value < 0 ? 0 : value > peak ? peak : value;
    }
  }
  return { ...picture, data };
}

/** Multiplies every pixel with its gain, all colours alike, so that hues stay. @param gains base-2 logarithms, of the picture's size */
export async function applyGain(picture: Picture, gains: Plane, strength: number, signal: AbortSignal): Promise<Picture> {
  const pace = createPace(signal);
  const { channels, width } = picture;
  const peak = peakOf(picture);
  const data = picture.data.slice();
  const colours = Math.min(3, channels);
  for (let i = 0; i < gains.data.length; i += 1) {
    if (i % width === 0) await pace();
    const gain = 2 ** (strength * (gains.data[i] ?? 0));
    for (let c = 0; c < colours; c += 1) data[i * channels + c] = Math.min(peak, gain * (picture.data[i * channels + c] ?? 0) + 0.5);
  }
  return { ...picture, data };
}
