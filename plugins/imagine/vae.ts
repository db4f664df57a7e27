import { type AppError, createFeatheredCanvas, type ModelSession, type Picture, type PictureSize, planTiles, type Tile } from '#core';
import { latentChannels } from './denoiser.ts';
import { isolated, refusal } from './refusal.ts';
import { firstInput, firstOutput, fixedDim, floatsOfTensor, repeated, tensorFor } from './tensor-kinds.ts';
import type { NoiseSource } from './torch-noise.ts';

/** How latents of the U-Net relate to those of the VAE. */
export interface LatentScale {
  readonly scale: number;
  readonly shift: number;
}

/** A latent pixel is this many pixels of the picture a side. */
export const latentStride = 8;
/** Tiles meet over twice this, in latent pixels. */
const overlap = 8;

export interface DecodeOptions extends LatentScale {
  /** Of the latents. */
  readonly size: PictureSize;
  /** Larger latents than this a side are decoded in tiles. */
  readonly side: number;
  readonly signal: AbortSignal;
  onTile(done: number, all: number): void;
}

/** The picture of finished latents. Tiles differ a little where they meet (the network looks at the whole for its contrast), so they fade into each other. */
export async function decodeLatents(session: ModelSession, latents: Float32Array, options: DecodeOptions): Promise<Picture> {
  const { size, scale, shift, signal } = options;
  const bound = fixedDim(firstInput(session), 2);
  const side = bound ?? options.side;
  const tiles = planTiles(size, { side, overlap: Math.min(overlap, Math.floor((side - 1) / 2)) });
  const canvas = createFeatheredCanvas(size, { channels: 3, scale: latentStride });
  const raw = latents.map((value) => value / scale + shift);
  for (const [done, tile] of tiles.entries()) {
    signal.throwIfAborted();
    canvas.add(tile, await decodeTile(session, raw, size, tile));
    options.onTile(done + 1, tiles.length);
  }
  signal.throwIfAborted();
  return canvas.finish();
}

async function decodeTile(session: ModelSession, latents: Float32Array, size: PictureSize, { source }: Tile): Promise<Float32Array> {
  const input = firstInput(session);
  const part = new Float32Array(latentChannels * source.width * source.height);
  for (let channel = 0; channel < latentChannels; channel += 1)
    for (let row = 0; row < source.height; row += 1) {
      const from = (channel * size.height + source.top + row) * size.width + source.left;
      part.set(latents.subarray(from, from + source.width), (channel * source.height + row) * source.width);
    }
  const batch = fixedDim(input, 0) ?? 1;
  const feed = tensorFor(input, [batch, latentChannels, source.height, source.width], repeated(part, batch));
  const planes = floatsOfTensor(firstOutput(session, await session.run({ [input.name]: feed })), 'the VAE decoder');
  return pixelsOf(planes, source.width * source.height * latentStride ** 2);
}

/** Three planes of -1..1 to pixels of 0..255. A number that is none means that halves overflowed in the network. */
function pixelsOf(planes: Float32Array, plane: number): Float32Array {
  const pixels = new Float32Array(plane * 3);
  for (let place = 0; place < plane; place += 1)
    for (let colour = 0; colour < 3; colour += 1) {
      const value = planes[colour * plane + place] ?? Number.NaN;
      if (Number.isNaN(value)) throw overflowed();
      pixels[place * 3 + colour] = Math.min(Math.max(value * 127.5 + 127.5, 0), 255);
    }
  return pixels;
}

function overflowed(): AppError {
  return refusal('MODEL_MISSING', {
    en: 'The VAE decoder gave no numbers. A half-precision VAE of SDXL overflows: take vae_decoder in fp32, or one fixed for fp16.',
    fa: `رمزگشای VAE عددی نداد. VAE نیم‌دقت SDXL سرریز می‌کند: ${isolated('vae_decoder')} را با دقت fp32 بیاورید، یا نسخه‌ای که برای fp16 درست شده است.`,
    ar: `لم يُعطِ مفكّك VAE أعدادًا. إن VAE بنصف الدقة في SDXL يفيض: أحضر ${isolated('vae_decoder')} بدقة fp32، أو نسخة أُصلحت لدقة fp16.`,
  });
}

/** Latents of a picture. Newer exports give the mean and the spread of a distribution, from which a sample is drawn, as diffusers does. */
export async function encodePicture(
  session: ModelSession,
  picture: Picture,
  { scale, shift }: LatentScale,
  noise: NoiseSource,
): Promise<Float32Array> {
  const input = firstInput(session);
  const { width, height } = picture;
  const batch = fixedDim(input, 0) ?? 1;
  const feed = tensorFor(input, [batch, 3, height, width], repeated(planesOf(picture), batch));
  const length = latentChannels * (width / latentStride) * (height / latentStride);
  const output = floatsOfTensor(firstOutput(session, await session.run({ [input.name]: feed })), 'the VAE encoder');
  const given = output.length / batch;
  if (given !== length && given !== 2 * length) throw new Error(`the VAE encoder gave ${given} numbers for ${length} latents`);
  const drawn = given === length ? null : noise(length);
  return Float32Array.from({ length }, (_, index) => {
    const mean = output[index] ?? 0;
    const spread = drawn === null ? 0 : Math.exp(0.5 * Math.min(Math.max(output[length + index] ?? 0, -30), 20));
    return (mean + spread * (drawn?.[index] ?? 0) - shift) * scale;
  });
}

/** An RGB picture as three planes of -1..1. */
function planesOf({ width, height, data }: Picture): Float32Array {
  const plane = width * height;
  const planes = new Float32Array(3 * plane);
  for (let place = 0; place < plane; place += 1)
    for (let colour = 0; colour < 3; colour += 1) planes[colour * plane + place] = (data[place * 3 + colour] ?? 0) / 127.5 - 1;
  return planes;
}
