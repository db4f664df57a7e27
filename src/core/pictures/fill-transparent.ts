import type { Picture } from './picture.ts';
import { hasTransparency, peakOf, toRgb } from './picture-parts.ts';
import { resamplePicture } from './resample.ts';

/**
 * The colours of a picture with alpha, continued into what is transparent: what lies hidden there (often black) would
 * otherwise show at the edges of anything that looks at neighbours, such as a network. Colours that can be seen stay.
 */
export async function fillTransparent(picture: Picture, signal?: AbortSignal): Promise<Picture> {
  const colours = toRgb(picture);
  if (!hasTransparency(picture)) return colours;
  const { width, height, data } = picture;
  if (width === 1 && height === 1) return colours;
  // Halved again and again, weighted by alpha, until something opaque is in every pixel that is looked at.
  const half = { width: Math.ceil(width / 2), height: Math.ceil(height / 2) };
  const coarse = await fillTransparent(await resamplePicture(picture, half, { kernel: 'bilinear', signal }), signal);
  const around = await resamplePicture(coarse, picture, { kernel: 'bilinear', signal });
  // Of what is less than a sixteenth opaque, the stored colour is mostly rounding.
  const full = 16 / peakOf(picture);
  for (let i = 3, to = 0; i < data.length; i += 4, to += 3) {
    const share = Math.min(1, (data[i] ?? 0) * full);
    if (share === 1) continue;
    for (let c = to; c < to + 3; c += 1) colours.data[c] = share * (colours.data[c] ?? 0) + (1 - share) * (around.data[c] ?? 0) + 0.5;
  }
  return colours;
}
