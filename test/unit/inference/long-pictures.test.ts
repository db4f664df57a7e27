import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { writeResult } from '../../../src/infrastructure/inference/job-pictures.ts';

it.each([
  { side: 16_383, channels: 3, mime: 'image/webp' },
  { side: 16_384, channels: 3, mime: 'image/jpeg' },
  { side: 16_384, channels: 4, mime: 'image/png' },
  { side: 65_536, channels: 3, mime: 'image/png' },
] as const)('a result of $side pixels with $channels channels becomes $mime where a WebP came in', async ({ side, channels, mime }) => {
  const directory = await mkdtemp(join(tmpdir(), 'argus-long-'));
  try {
    const picture = { width: side, height: 2, channels, data: new Uint8Array(side * 2 * channels).fill(9) };
    const { original, thumb } = await writeResult(picture, {
      directory,
      name: '0',
      format: channels === 4 ? 'webp' : 'auto',
      like: 'webp',
    });
    expect(original).toMatchObject({ mime, width: side, height: 2 });
    expect(thumb.width).toBe(512);
  } finally {
    await rm(directory, { recursive: true });
  }
});
