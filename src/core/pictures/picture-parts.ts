import type { Picture } from './picture.ts';

/** Part of a picture, in pixels from its top left. */
export interface Rect {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** The value of white and of opaque: 255 or 65535. */
export function peakOf(picture: Pick<Picture, 'data'>): 255 | 65_535 {
  return picture.data instanceof Uint16Array ? 65_535 : 255;
}

/** All zeros: black, and transparent where there is alpha. `peak` 65535 makes it 16 bit. */
export function createPicture(width: number, height: number, channels: Picture['channels'], peak: 255 | 65_535 = 255): Picture {
  const length = width * height * channels;
  return { width, height, channels, data: peak === 255 ? new Uint8Array(length) : new Uint16Array(length) };
}

/** A copy of a part. @throws RangeError when the part is not inside */
export function cropPicture(picture: Picture, rect: Rect): Picture {
  assertInside(picture, rect);
  const { channels } = picture;
  const part = createPicture(rect.width, rect.height, channels, peakOf(picture));
  const length = rect.width * channels;
  for (let y = 0; y < rect.height; y += 1) {
    const from = ((rect.top + y) * picture.width + rect.left) * channels;
    part.data.set(picture.data.subarray(from, from + length), y * length);
  }
  return part;
}

/** Writes `rect` of `source` into `target` with its top left at (`left`, `top`). Same channels and depth. @throws RangeError when it does not fit */
export function pastePicture(target: Picture, source: Picture, rect: Rect, at: { readonly left: number; readonly top: number }): void {
  assertInside(source, rect);
  assertInside(target, { ...at, width: rect.width, height: rect.height });
  if (target.channels !== source.channels) throw new RangeError('pictures of different channels');
  const { channels } = source;
  const length = rect.width * channels;
  for (let y = 0; y < rect.height; y += 1) {
    const from = ((rect.top + y) * source.width + rect.left) * channels;
    target.data.set(source.data.subarray(from, from + length), ((at.top + y) * target.width + at.left) * channels);
  }
}

function assertInside(picture: Pick<Picture, 'width' | 'height'>, { left, top, width, height }: Rect): void {
  const inside = left >= 0 && top >= 0 && width > 0 && height > 0 && left + width <= picture.width && top + height <= picture.height;
  if (!inside) throw new RangeError(`${width} x ${height} at ${left}, ${top} is not inside ${picture.width} x ${picture.height}`);
}

/** 8 bit, rounded; a picture that is 8 bit already is returned as it is. */
export function toEightBit(picture: Picture): Picture {
  const { data } = picture;
  if (data instanceof Uint8Array) return picture;
  const small = new Uint8Array(data.length);
  for (let i = 0; i < small.length; i += 1) small[i] = ((data[i] ?? 0) + 128) / 257;
  return { ...picture, data: small };
}

/** Three channels: grey is repeated, alpha is dropped without blending. Three channels already: returned as it is. */
export function toRgb(picture: Picture): Picture {
  if (picture.channels === 3) return picture;
  const { width, height, channels, data } = picture;
  const rgb = createPicture(width, height, 3, peakOf(picture));
  const second = channels === 4 ? 1 : 0;
  for (let i = 0, from = 0, to = 0; i < width * height; i += 1, from += channels, to += 3) {
    rgb.data[to] = data[from] ?? 0;
    rgb.data[to + 1] = data[from + second] ?? 0;
    rgb.data[to + 2] = data[from + 2 * second] ?? 0;
  }
  return rgb;
}

/** One channel of a picture as a picture of its own, e.g. alpha with index 3. */
export function channelOf(picture: Picture, index: number): Picture {
  const { width, height, channels, data } = picture;
  const one = createPicture(width, height, 1, peakOf(picture));
  for (let i = 0, from = index; i < one.data.length; i += 1, from += channels) one.data[i] = data[from] ?? 0;
  return one;
}

/** RGB with a grey picture of the same size and depth as its alpha. @throws RangeError when they differ */
export function withAlpha(rgb: Picture, alpha: Picture): Picture {
  if (rgb.width !== alpha.width || rgb.height !== alpha.height || peakOf(rgb) !== peakOf(alpha) || rgb.channels !== 3)
    throw new RangeError('colours and alpha differ in size, depth or channels');
  const joined = createPicture(rgb.width, rgb.height, 4, peakOf(rgb));
  for (let i = 0, from = 0, to = 0; i < alpha.data.length; i += 1, from += 3, to += 4) {
    joined.data[to] = rgb.data[from] ?? 0;
    joined.data[to + 1] = rgb.data[from + 1] ?? 0;
    joined.data[to + 2] = rgb.data[from + 2] ?? 0;
    joined.data[to + 3] = alpha.data[i] ?? 0;
  }
  return joined;
}

/** True where some pixel is not fully opaque. */
export function hasTransparency(picture: Picture): boolean {
  if (picture.channels !== 4) return false;
  const peak = peakOf(picture);
  for (let i = 3; i < picture.data.length; i += 4) if (picture.data[i] !== peak) return true;
  return false;
}
