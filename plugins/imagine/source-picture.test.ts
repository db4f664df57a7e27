import { describe, expect, it } from 'vitest';
import { fittedSource } from './source-picture.ts';

const signal = new AbortController().signal;

describe('a picture to begin with', () => {
  it('is cut in the middle to the shape', async () => {
    const data = new Uint8Array(24 * 8 * 3);
    for (let y = 0; y < 8; y += 1) data.fill(200, (y * 24 + 8) * 3, (y * 24 + 16) * 3);
    const fitted = await fittedSource({ width: 24, height: 8, channels: 3, data }, { width: 8, height: 8 }, signal);
    expect(fitted).toMatchObject({ width: 8, height: 8, channels: 3 });
    expect([...new Set(fitted.data)]).toEqual([200]);
  });

  it('is white where it is transparent, and 8 bit', async () => {
    const data = Uint16Array.from({ length: 8 * 8 * 4 }, (_, at) => (at % 4 === 3 ? (at < 128 ? 0 : 65_535) : 257 * 10));
    const fitted = await fittedSource({ width: 8, height: 8, channels: 4, data }, { width: 8, height: 8 }, signal);
    expect(fitted.data).toBeInstanceOf(Uint8Array);
    expect([fitted.data[0], fitted.data[191]]).toEqual([255, 10]);
  });

  it('may be grey', async () => {
    const fitted = await fittedSource(
      { width: 4, height: 4, channels: 1, data: new Uint8Array(16).fill(77) },
      { width: 8, height: 8 },
      signal,
    );
    expect([...new Set(fitted.data)]).toEqual([77]);
  });
});
