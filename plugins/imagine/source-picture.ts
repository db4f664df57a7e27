import { createPicture, cropPicture, type Picture, type PictureSize, peakOf, resamplePicture } from '#core';

/** A given picture as a network takes it: 8 bit, three colours, transparent parts white, cut in the middle to the shape and brought to the size. */
export async function fittedSource(source: Picture, size: PictureSize, signal: AbortSignal): Promise<Picture> {
  const cut = cropPicture(source, middleOf(source, size.width / size.height));
  return resamplePicture(onWhite(cut), { width: size.width, height: size.height }, { kernel: 'bicubic', signal });
}

/** The largest part of that shape in the middle. */
function middleOf({ width, height }: PictureSize, aspect: number) {
  const cutWidth = Math.max(Math.min(width, Math.round(height * aspect)), 1);
  const cutHeight = Math.max(Math.min(height, Math.round(width / aspect)), 1);
  return { left: Math.floor((width - cutWidth) / 2), top: Math.floor((height - cutHeight) / 2), width: cutWidth, height: cutHeight };
}

function onWhite(picture: Picture): Picture {
  const { width, height, channels, data } = picture;
  const peak = peakOf(picture);
  const result = createPicture(width, height, 3);
  for (let place = 0; place < width * height; place += 1) {
    const alpha = channels === 4 ? (data[place * 4 + 3] ?? peak) / peak : 1;
    for (let colour = 0; colour < 3; colour += 1) {
      const value = (data[place * channels + (channels === 1 ? 0 : colour)] ?? 0) / peak;
      result.data[place * 3 + colour] = Math.round((value * alpha + 1 - alpha) * 255);
    }
  }
  return result;
}
