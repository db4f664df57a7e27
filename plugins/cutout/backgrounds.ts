import {
  createPicture,
  createPlane,
  cropPicture,
  gaussianMean,
  lightOf,
  type Picture,
  type PictureSize,
  type Plane,
  peakOf,
  resamplePicture,
  toEightBit,
  toRgb,
  valueOfLight,
} from '#core';
import type { LayerColours } from './foreground.ts';

/** Sigma of the blur, as a share of the longest side: what a fast lens does to a room behind a portrait. */
const blurShare = 1 / 45;

/** One colour everywhere. @param color `#rrggbb` */
export function plainBackground({ width, height }: PictureSize, color: string, peak: 255 | 65_535): Picture {
  const picture = createPicture(width, height, 3, peak);
  const values = [1, 3, 5].map((at) => (Number.parseInt(color.slice(at, at + 2), 16) * peak) / 255);
  for (let i = 0; i < picture.data.length; i += 1) picture.data[i] = values[i % 3] ?? 0;
  return picture;
}

/** The background alone, out of focus: blurred as light, and without the person, who would leave a halo in it. */
export async function blurredBackground(
  layers: LayerColours,
  matte: Plane,
  { size, peak, signal }: { readonly size: PictureSize; readonly peak: 255 | 65_535; readonly signal: AbortSignal },
): Promise<Picture> {
  const { width, height } = layers;
  const sigma = Math.max(1, Math.max(width, height) * blurShare);
  const weights = createPlane(width, height);
  // Where nothing but person is far and wide, the estimate of what lies behind has to do.
  for (let i = 0; i < weights.data.length; i += 1) weights.data[i] = 1 - (matte.data[i] ?? 0) + 1e-4;
  const sums = gaussianMean(weights, sigma);
  // In 16 bit, for a smooth gradient that is enlarged shows the steps of 8.
  const small = createPicture(width, height, 3, 65_535);
  for (const c of [0, 1, 2]) {
    signal.throwIfAborted();
    const light = createPlane(width, height);
    for (let i = 0, from = 3 + c; i < light.data.length; i += 1, from += 6)
      light.data[i] = lightOf(layers.data[from] ?? 0) * (weights.data[i] ?? 0);
    const mean = gaussianMean(light, sigma);
    for (let i = 0, to = c; i < mean.data.length; i += 1, to += 3)
      small.data[to] = Math.min(1, Math.max(0, valueOfLight((mean.data[i] ?? 0) / (sums.data[i] ?? 1)))) * 65_535 + 0.5;
  }
  return inDepth(await resamplePicture(small, size, { kernel: 'bicubic', signal }), peak);
}

/** Another picture, enlarged or reduced to cover the whole, its middle kept; what is transparent in it becomes white. */
export async function coveringPicture(picture: Picture, size: PictureSize, peak: 255 | 65_535, signal: AbortSignal): Promise<Picture> {
  const scale = Math.min(picture.width / size.width, picture.height / size.height);
  const width = Math.max(1, Math.min(picture.width, Math.round(size.width * scale)));
  const height = Math.max(1, Math.min(picture.height, Math.round(size.height * scale)));
  const part = { left: (picture.width - width) >> 1, top: (picture.height - height) >> 1, width, height };
  const covering = await resamplePicture(cropPicture(picture, part), size, { kernel: 'bicubic', signal });
  return inDepth(onWhite(covering), peak);
}

function onWhite(picture: Picture): Picture {
  const rgb = toRgb(picture);
  if (picture.channels !== 4) return rgb;
  const peak = peakOf(picture);
  for (let i = 0; i < rgb.data.length; i += 1) {
    const alpha = (picture.data[((i / 3) | 0) * 4 + 3] ?? 0) / peak;
    rgb.data[i] = (rgb.data[i] ?? 0) * alpha + peak * (1 - alpha) + 0.5;
  }
  return rgb;
}

function inDepth(picture: Picture, peak: 255 | 65_535): Picture {
  if (peakOf(picture) === peak) return picture;
  if (peak === 255) return toEightBit(picture);
  return { ...picture, data: Uint16Array.from(picture.data, (value) => value * 257) };
}
