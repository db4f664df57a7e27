import { createPicture, type Picture, type PictureSize } from '#core';
import type { ModelFamily } from './model-kinds.ts';

// A linear guess at the colour of each latent pixel, good enough for a small picture of what is coming. The numbers were published on the
// Hugging Face forum and blog: "Decoding latents to RGB without upscaling" (SD 1, 2022) and "Explaining the SDXL latent space" (2023).
const factors: Readonly<Record<ModelFamily, { readonly rows: readonly (readonly number[])[]; readonly middle: readonly number[] }>> = {
  sd: {
    rows: [
      [0.298 * 127.5, 0.187 * 127.5, -0.158 * 127.5, -0.184 * 127.5],
      [0.207 * 127.5, 0.286 * 127.5, 0.189 * 127.5, -0.271 * 127.5],
      [0.208 * 127.5, 0.173 * 127.5, 0.264 * 127.5, -0.473 * 127.5],
    ],
    middle: [127.5, 127.5, 127.5],
  },
  sdxl: {
    rows: [
      [60, -60, 25, -70],
      [60, -5, 15, -50],
      [60, 10, -5, -35],
    ],
    middle: [150, 140, 130],
  },
};

/** A picture of one pixel for each latent pixel. */
export function previewOfLatents(latents: Float32Array, size: PictureSize, family: ModelFamily): Picture {
  const { rows, middle } = factors[family];
  const picture = createPicture(size.width, size.height, 3);
  const plane = size.width * size.height;
  for (let place = 0; place < plane; place += 1) {
    for (let colour = 0; colour < 3; colour += 1) {
      const row = rows[colour] ?? [];
      let value = middle[colour] ?? 0;
      for (let channel = 0; channel < row.length; channel += 1) value += (row[channel] ?? 0) * (latents[channel * plane + place] ?? 0);
      picture.data[place * 3 + colour] = Math.min(Math.max(Math.round(value), 0), 255);
    }
  }
  return picture;
}
