import type { Picture } from '#core';

/** Ways to spoil a photograph of which the original is known: what the tests and the table of the README measure against. 8-bit RGB. */

/** mulberry32: the same numbers for the same seed everywhere. */
function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

function changed(picture: Picture, change: (value: number, index: number) => number): Picture {
  return {
    ...picture,
    data: Uint8Array.from(picture.data, (value, index) => Math.max(0, Math.min(255, Math.round(change(value, index))))),
  };
}

/** Gaussian noise, the same in every pixel. @param sigma its deviation, 0..255 */
export function withNoise(picture: Picture, sigma: number, seed = 1): Picture {
  const random = createRandom(seed);
  return changed(picture, (value) => value + sigma * Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random()));
}

/** As if the light were a part of what it was, with the noise of a camera that strains. */
export function withoutLight(picture: Picture, part: number): Picture {
  return withNoise(
    changed(picture, (value) => part * value),
    2,
  );
}

/** @param weight of the pixel so far away; outside of the picture its edge goes on */
function convolved(picture: Picture, reach: number, weight: (dx: number, dy: number) => number): Picture {
  const { width, height, data } = picture;
  const inside = (at: number, length: number) => Math.max(0, Math.min(length - 1, at));
  const cells = Array.from({ length: (2 * reach + 1) ** 2 }, (_, index) => {
    const dx = (index % (2 * reach + 1)) - reach;
    const dy = Math.floor(index / (2 * reach + 1)) - reach;
    return { dx, dy, weight: weight(dx, dy) };
  }).filter((cell) => cell.weight > 0);
  const total = cells.reduce((sum, cell) => sum + cell.weight, 0);
  return changed(picture, (_value, index) => {
    const pixel = Math.floor(index / 3);
    const x = pixel % width;
    const y = Math.floor(pixel / width);
    return (
      cells.reduce(
        (sum, cell) =>
          sum + cell.weight * (data[(inside(y + cell.dy, height) * width + inside(x + cell.dx, width)) * 3 + (index % 3)] ?? 0),
        0,
      ) / total
    );
  });
}

/** Noise as it comes out of a camera that has filled in the colours and smoothed: in spots, and stronger where there is light. @param sigma before that */
export function withGrain(picture: Picture, sigma: number): Picture {
  const grey = { ...picture, data: new Uint8Array(picture.data.length).fill(128) };
  const spots = outOfFocus(withNoise(grey, sigma, 3), 0.8);
  return changed(picture, (value, index) => value + ((spots.data[index] ?? 0) - 128) * (0.5 + value / 255));
}

/** Out of focus, as a Gaussian. @param sigma in pixels */
export function outOfFocus(picture: Picture, sigma: number): Picture {
  return convolved(picture, Math.ceil(3 * sigma), (dx, dy) => Math.exp(-(dx * dx + dy * dy) / (2 * sigma * sigma)));
}

/** The camera moved sideways while the shutter was open. @param pixels odd */
export function moved(picture: Picture, pixels: number): Picture {
  return convolved(picture, (pixels - 1) / 2, (_dx, dy) => (dy === 0 ? 1 : 0));
}
