import { createPlane, guidedFilter, lumaOf, type Picture, type PictureSize, type Plane, peakOf, resamplePicture } from '#core';
import { lightSide } from './restore-plan.ts';

/** Mean brightness that a dark picture is brought to, 0..1, and the most that a pixel is multiplied with. */
const goal = 0.42;
export const mostGain = 16;
/** Of the guided filter that makes a gain follow the picture's edges. */
const windows = { radius: 8, epsilon: 1e-3 } as const;

export function fitInto({ width, height }: PictureSize, side: number): PictureSize {
  const scale = Math.min(1, side / Math.max(width, height));
  return { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) };
}

/** A copy in which what is dark can be told apart: the edges of a dark picture are too weak to guide anything. 8 bit. */
function brightCopy({ width, height, channels, data }: Picture): Picture {
  const peak = data instanceof Uint16Array ? 65_535 : 255;
  const copy = new Uint8Array(data.length);
  const table = Uint8Array.from({ length: 256 }, (_, value) => Math.round(255 * (value / 255) ** 0.45));
  for (let i = 0; i < copy.length; i += 1) copy[i] = table[Math.round(((data[i] ?? 0) * 255) / peak)] ?? 0;
  return { width, height, channels, data: copy };
}

/** The base-2 logarithm of a gain, brought to the size of a picture along the picture's own edges. */
export function spreadGain(rgb: Picture, logarithms: Plane, signal: AbortSignal): Promise<Plane> {
  return guidedFilter(brightCopy(rgb), logarithms, { ...windows, signal });
}

/**
 * Light by a rule (after LIME, Guo et al. 2017): the brightest channel of each pixel, evened out along edges, is the light that fell there;
 * it is raised by the power that brings the mean to the goal. A picture that is bright enough is not changed.
 * @returns the base-2 logarithm of the gain at the picture's size
 */
export async function gainByRule(rgb: Picture, signal: AbortSignal): Promise<Plane> {
  const small = await resamplePicture(rgb, fitInto(rgb, lightSide), { kernel: 'box', signal });
  const peak = peakOf(small);
  const light = createPlane(small.width, small.height);
  let dark = 0;
  for (let i = 0, at = 0; i < light.data.length; i += 1, at += 3) {
    const [red = 0, green = 0, blue = 0] = [small.data[at], small.data[at + 1], small.data[at + 2]];
    light.data[i] = Math.max(red, green, blue) / peak;
    dark += lumaOf(red, green, blue) / peak;
  }
  const even = await guidedFilter(brightCopy(small), light, { ...windows, signal });
  const power = powerFor(even, dark / light.data.length);
  const logarithms = createPlane(small.width, small.height);
  for (let i = 0; i < logarithms.data.length; i += 1)
    logarithms.data[i] = Math.min(Math.log2(mostGain), -power * Math.log2(floored(even.data[i] ?? 0)));
  return spreadGain(rgb, logarithms, signal);
}

function floored(light: number): number {
  return Math.min(1, Math.max(0.004, light));
}

/** The power of 0..0.85 whose gains bring the mean brightness nearest to the goal; 0 where it is bright enough. */
function powerFor(light: Plane, mean: number): number {
  let low = 0;
  let high = 0.85;
  const meanLight = light.data.reduce((sum, value) => sum + floored(value), 0) / light.data.length;
  // Brightness and light are proportional, near enough.
  const part = mean / meanLight;
  const brought = (power: number) => (part * light.data.reduce((sum, value) => sum + floored(value) ** (1 - power), 0)) / light.data.length;
  if (brought(0) >= goal) return 0;
  for (let step = 0; step < 12; step += 1) {
    const middle = (low + high) / 2;
    if (brought(middle) < goal) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** What a network did to the light of a small copy, as the base-2 logarithm of a gain. Both 8 bit, of the same size. */
export function gainBetween(before: Picture, after: Picture): Plane {
  const gains = createPlane(before.width, before.height);
  for (let i = 0, at = 0; i < gains.data.length; i += 1, at += 3) {
    const dark = lumaOf(before.data[at] ?? 0, before.data[at + 1] ?? 0, before.data[at + 2] ?? 0);
    const bright = lumaOf(after.data[at] ?? 0, after.data[at + 1] ?? 0, after.data[at + 2] ?? 0);
    gains.data[i] = Math.min(Math.log2(mostGain), Math.max(-1, Math.log2((bright + 2) / (dark + 2))));
  }
  return gains;
}
