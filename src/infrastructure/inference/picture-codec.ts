import { open, stat } from 'node:fs/promises';
import { join } from 'node:path';
import sharp, { type Metadata, type Sharp } from 'sharp';
import { AppError } from '../../lib/app-error.ts';
import type { PictureLimits, PreparedImage, PreparedPicture, PrepareImageRequest } from './host-protocol.ts';

/** Longest side of what is sent to a model: above it Gemini only adds tiles, that is tokens. */
const modelSide = 1536;
const thumbSide = 512;
const quality = 90;
/**
 * Above this many pixels the encoders work for little memory and time, not for the last percent of size. Measured with
 * 40 megapixels: JPEG without optimal Huffman tables 96 instead of 318 MiB, WebP of effort 2 in 2 instead of 13 s.
 */
const bigPixels = 8_000_000;

const formats = {
  jpeg: 'image/jpeg',
  png: 'image/png',
  webp: 'image/webp',
  gif: 'image/gif',
} as const;
/** The kinds of files that are read and written. */
export type WrittenFormat = keyof typeof formats;

// Everything that libvips can read is switched off, then exactly four decoders come back: SVG, TIFF, PDF and the rest
// are refused by the library itself, whatever the file says about itself.
sharp.block({ operation: ['VipsForeignLoad'] });
sharp.unblock({
  operation: ['Jpeg', 'Png', 'Webp', 'Nsgif'].flatMap((name) => [`VipsForeignLoad${name}File`, `VipsForeignLoad${name}Buffer`]),
});
sharp.cache(false);
sharp.concurrency(2);

/** @throws AppError UNSUPPORTED_MEDIA, IMAGE_UNREADABLE, TOO_LARGE */
export async function prepareImage(request: PrepareImageRequest): Promise<PreparedImage> {
  const { path, targetDirectory, limits } = request;
  const header = await readHeader(path);
  checkLimits(header, limits);
  const animated = header.frames > 1;
  const input = { failOn: 'error', limitInputPixels: limits.maxPixels } as const;
  try {
    // Turning a stack of frames is not possible, and cameras make no animations.
    const whole = sharp(path, { ...input, animated });
    const upright = animated ? whole : whole.autoOrient();
    // A PNG of 16 bit stays one: what works on pictures can use the finer steps.
    const original = encode(upright.toColourspace(header.deep ? 'rgb16' : 'srgb'), header);
    const small = () => sharp(path, input).autoOrient().toColourspace('srgb');
    const at = (variant: string) => join(targetDirectory, variant);
    return await writeVariants(original, small, { at, pixels: header.width * header.height * header.frames });
  } catch (error) {
    throw new AppError('IMAGE_UNREADABLE', { cause: error });
  }
}

/**
 * Writes the three pictures that are kept of one. Of a picture that is not big they are made side by side.
 * @param original as it is to be kept
 * @param frame opens the first frame anew, upright and sRGB, for the reduced ones
 * @param target `at`: the path of a variant; `pixels`: of the original, all its frames together
 */
export async function writeVariants(
  original: Sharp,
  frame: () => Sharp,
  { at, pixels }: { readonly at: (variant: 'original' | 'model' | 'thumb') => string; readonly pixels: number },
): Promise<PreparedImage> {
  if (pixels > bigPixels) return { original: await write(original, at('original')), ...(await writeReduced(frame, at)) };
  const [kept, reduced] = await allOf(write(original, at('original')), writeReduced(frame, at));
  return { original: kept, ...reduced };
}

async function writeReduced(frame: () => Sharp, at: (variant: 'model' | 'thumb') => string) {
  const small = frame().resize(modelSide, modelSide, { fit: 'inside', withoutEnlargement: true });
  const { data, info } = await small.raw().toBuffer({ resolveWithObject: true });
  const raw = { raw: { width: info.width, height: info.height, channels: info.channels } };
  const opaque = isOpaque(data, info.channels);
  // Optimal Huffman tables would take two thirds of the time for 2 % of the size; so would a higher effort of the thumb, for 5 %.
  const model = opaque ? sharp(data, raw).removeAlpha().jpeg({ quality, optimiseCoding: false }) : sharp(data, raw).png();
  const thumb = sharp(data, raw).resize(thumbSide, thumbSide, { fit: 'inside', withoutEnlargement: true }).webp({ quality: 80, effort: 2 });
  const [asModel, asThumb] = await allOf(write(model, at('model')), write(thumb, at('thumb')));
  return { model: asModel, thumb: asThumb };
}

/** Like `Promise.all`, but none of them still writes when the other has failed. */
async function allOf<A, B>(a: Promise<A>, b: Promise<B>): Promise<[A, B]> {
  await Promise.allSettled([a, b]);
  return [await a, await b];
}

interface Header {
  readonly format: WrittenFormat;
  readonly width: number;
  readonly height: number;
  readonly frames: number;
  /** 16 bit a channel. Only PNG has it among the kinds that are read. */
  readonly deep: boolean;
}

/** Reads no pixels, so that no limit is needed yet: the numbers are judged by `checkLimits` and named to the person. */
export async function readHeader(path: string): Promise<Header> {
  let metadata: Metadata;
  try {
    metadata = await sharp(path, { failOn: 'error', limitInputPixels: false }).metadata();
  } catch (error) {
    throw new AppError((await looksLikePicture(path)) ? 'IMAGE_UNREADABLE' : 'UNSUPPORTED_MEDIA', { cause: error });
  }
  const { format, width, height } = metadata;
  if (!isFormat(format)) throw new AppError('UNSUPPORTED_MEDIA');
  return { format, width, height, frames: metadata.pages ?? 1, deep: metadata.depth === 'ushort' };
}

function isFormat(name: string): name is WrittenFormat {
  return Object.hasOwn(formats, name);
}

function checkLimits({ width, height, frames }: Header, limits: PictureLimits): void {
  if (frames > limits.maxFrames) {
    throw new AppError('TOO_LARGE', {
      message: `The animation has ${frames} frames; at most ${limits.maxFrames} are accepted.`,
      params: { frames, maxFrames: limits.maxFrames },
    });
  }
  if (Math.max(width, height) > limits.maxSide) {
    throw new AppError('TOO_LARGE', {
      message: `The picture is ${width} x ${height} pixels; a side may have at most ${limits.maxSide}.`,
      params: { width, height, maxSide: limits.maxSide },
    });
  }
  if (width * height * frames > limits.maxPixels) {
    throw new AppError('TOO_LARGE', {
      message: `The picture has ${width} x ${height} pixels${frames > 1 ? ` in ${frames} frames` : ''}; at most ${limits.maxPixels} are accepted.`,
      params: { width, height, frames, maxPixels: limits.maxPixels },
    });
  }
}

/** Only tells "damaged" from "another kind of file" once the decoder has refused it. */
async function looksLikePicture(path: string): Promise<boolean> {
  const start = Buffer.alloc(12);
  const file = await open(path, 'r');
  try {
    await file.read(start, 0, start.length, 0);
  } finally {
    await file.close();
  }
  const text = start.toString('latin1');
  return /^(?:\u0089PNG\r\n|\u00ff\u00d8\u00ff|GIF8[79]a|RIFF[^]{4}WEBP)/.test(text);
}

function encode(picture: Sharp, { format, width, height, frames }: Header): Sharp {
  const big = width * height * frames > bigPixels;
  if (format === 'jpeg') return picture.jpeg({ quality, optimiseCoding: !big });
  if (format === 'webp') return picture.webp({ quality, effort: big ? 2 : 4 });
  return format === 'gif' ? picture.gif() : picture.png();
}

/** Writes the file and tells what it became. */
export async function write(picture: Sharp, path: string): Promise<PreparedPicture> {
  const info = await picture.toFile(path);
  const mime = isFormat(info.format) ? formats[info.format] : formats.png;
  const { size } = await stat(path);
  return { path, mime, width: info.width, height: info.pageHeight ?? info.height, size };
}

/** Pictures pasted from a clipboard carry an alpha channel that says nothing; as JPEG they are a tenth of the size. */
function isOpaque(pixels: Buffer, channels: number): boolean {
  if (channels !== 2 && channels !== 4) return true;
  for (let index = channels - 1; index < pixels.length; index += channels) {
    if (pixels[index] !== 255) return false;
  }
  return true;
}
