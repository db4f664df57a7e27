import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp, { type Sharp } from 'sharp';
import { AppError } from '../../lib/app-error.ts';
import type { PreparedImage } from './host-protocol.ts';
import { readHeader, type WrittenFormat, write, writeVariants } from './picture-codec.ts';
import type { RawPicture } from './session-types.ts';

/** Of a result that is written as JPEG. */
const resultQuality = 92;
/** Longest sides that these files can have; a longer picture becomes another kind. */
const longest = { webp: 16_383, jpeg: 65_535 } as const;
const previewSide = 512;
/** A preview is thinned to about this side before it is copied: what a plugin shows may be the whole result. */
const previewSourceSide = 1024;
/** Every so many rows are looked at to see what kind of picture it is. */
const sampledRows = 16;

export interface DecodedPicture {
  readonly picture: RawPicture;
  /** What kind of file it came from, for `auto`. */
  readonly format: WrittenFormat;
}

/**
 * Reads the first frame, upright, as sRGB: RGB, or RGBA where some pixel is not opaque; 16 bit where the file has it.
 * @throws AppError UNSUPPORTED_MEDIA, IMAGE_UNREADABLE, TOO_LARGE (more than `maxPixels`)
 */
export async function decodePicture(path: string, maxPixels: number): Promise<DecodedPicture> {
  const header = await readHeader(path);
  if (header.width * header.height > maxPixels) {
    throw new AppError('TOO_LARGE', { params: { width: header.width, height: header.height, maxPixels } });
  }
  try {
    const upright = sharp(await readFile(path), { failOn: 'error', limitInputPixels: maxPixels }).autoOrient();
    const raw = header.deep ? upright.toColourspace('rgb16').raw({ depth: 'ushort' }) : upright.toColourspace('srgb').raw();
    const { data, info } = await raw.toBuffer({ resolveWithObject: true });
    const values = header.deep ? new Uint16Array(data.buffer, data.byteOffset, data.length / 2) : data;
    const channels = channelsOf(info.channels);
    const picture = { width: info.width, height: info.height, channels, data: values };
    return { picture: withoutIdleAlpha(picture), format: header.format };
  } catch (error) {
    if (error instanceof AppError) throw error;
    throw new AppError('IMAGE_UNREADABLE', { cause: error });
  }
}

/**
 * Writes a result in the three variants of an upload.
 * @param target its format `auto`: PNG where there is transparency or 16 bit, else `like`, the kind of file that came in
 */
export async function writeResult(
  picture: RawPicture,
  target: { readonly directory: string; readonly name: string; readonly format: 'auto' | WrittenFormat; readonly like: WrittenFormat },
): Promise<PreparedImage> {
  const shown = withoutIdleAlpha(picture);
  const format = fitting(target.format === 'auto' ? autoFormat(shown, target.like) : target.format, shown);
  const original = encode(openRaw(shown), shown, format);
  const at = (variant: string) => join(target.directory, `${target.name}-${variant}`);
  return writeVariants(original, () => openRaw(shown).toColourspace('srgb'), { at, pixels: shown.width * shown.height });
}

/** The picture as one encoded file, for tools and tests. */
export async function writePictureFile(picture: RawPicture, path: string, format: WrittenFormat): Promise<void> {
  await write(encode(openRaw(picture), picture, format), path);
}

/** A WebP of at most 512 pixels a side. The pixels are copied before the first await: a plugin goes on working on them. */
export async function encodePreview(picture: RawPicture): Promise<Uint8Array> {
  return openRaw(thinned(picture))
    .toColourspace('srgb')
    .resize(previewSide, previewSide, { fit: 'inside', withoutEnlargement: true })
    .webp({ quality: 75, effort: 1 })
    .toBuffer();
}

function autoFormat(picture: RawPicture, like: WrittenFormat): WrittenFormat {
  if (picture.channels === 4 || picture.data instanceof Uint16Array) return 'png';
  return like === 'gif' ? 'png' : like;
}

function fitting(format: WrittenFormat, picture: Omit<RawPicture, 'data'>): WrittenFormat {
  const { width, height, channels } = picture;
  const side = Math.max(width, height);
  if (format === 'webp' && side > longest.webp) return fitting(channels === 4 ? 'png' : 'jpeg', picture);
  return format === 'jpeg' && side > longest.jpeg ? 'png' : format;
}

function encode(image: Sharp, picture: RawPicture, format: WrittenFormat): Sharp {
  if (format === 'jpeg') return image.flatten({ background: '#ffffff' }).toColourspace('srgb').jpeg({ quality: resultQuality });
  if (format === 'webp') return image.toColourspace('srgb').webp({ quality: resultQuality, effort: 2 });
  const deep = picture.data instanceof Uint16Array;
  const space = picture.channels === 1 ? (deep ? 'grey16' : 'b-w') : deep ? 'rgb16' : 'srgb';
  return image.toColourspace(space).png(isDrawn(picture) ? { compressionLevel: 3 } : { compressionLevel: 1, adaptiveFiltering: true });
}

/**
 * Whether half of the pixels are as the one before them: text, diagrams, transparent grounds. These compress best without a filter. A photograph
 * is a quarter smaller with filters and the fastest level than without and with the usual one, and takes less time; a drawing would be a fifth larger.
 */
function isDrawn({ data, width, height, channels }: RawPicture): boolean {
  let same = 0;
  let seen = 0;
  for (let y = 0; y < height; y += sampledRows) {
    for (let x = 1, at = (y * width + 1) * channels; x < width; x += 1, at += channels) {
      seen += 1;
      let channel = 0;
      while (channel < channels && data[at + channel] === data[at + channel - channels]) channel += 1;
      if (channel === channels) same += 1;
    }
  }
  return same * 2 > seen;
}

function openRaw({ data, width, height, channels }: RawPicture): Sharp {
  return sharp(data, { raw: { width, height, channels }, limitInputPixels: false });
}

function channelsOf(count: number): 3 | 4 {
  if (count === 3 || count === 4) return count;
  throw new AppError('IMAGE_UNREADABLE');
}

/** Alpha that is opaque everywhere says nothing, and would make a PNG of every photograph that was once in a clipboard. */
function withoutIdleAlpha(picture: RawPicture): RawPicture {
  const { width, height, channels, data } = picture;
  if (channels !== 4) return picture;
  const opaque = data instanceof Uint16Array ? 65_535 : 255;
  for (let index = 3; index < data.length; index += 4) if (data[index] !== opaque) return picture;
  const pixels = width * height;
  const rgb = data instanceof Uint16Array ? new Uint16Array(pixels * 3) : new Uint8Array(pixels * 3);
  for (let from = 0, to = 0; from < data.length; from += 4, to += 3) {
    rgb[to] = data[from] ?? 0;
    rgb[to + 1] = data[from + 1] ?? 0;
    rgb[to + 2] = data[from + 2] ?? 0;
  }
  return { width, height, channels: 3, data: rgb };
}

/** Every n-th pixel of every n-th row, always a copy. */
function thinned({ width, height, channels, data }: RawPicture): RawPicture {
  const step = Math.max(1, Math.floor(Math.max(width, height) / previewSourceSide));
  const columns = Math.ceil(width / step);
  const rows = Math.ceil(height / step);
  if (step === 1) return { width, height, channels, data: data.slice() };
  const few = data instanceof Uint16Array ? new Uint16Array(columns * rows * channels) : new Uint8Array(columns * rows * channels);
  let to = 0;
  for (let row = 0; row < rows; row += 1) {
    for (let column = 0; column < columns; column += 1) {
      const from = (row * step * width + column * step) * channels;
      for (let channel = 0; channel < channels; channel += 1) few[to++] = data[from + channel] ?? 0;
    }
  }
  return { width: columns, height: rows, channels, data: few };
}
