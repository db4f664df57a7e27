import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { channelOf, createPicture, type Picture, type Plane, resamplePicture, resamplePlane, toRgb } from '#core';
import { createPluginKit } from '#plugin-kit';
import { estimateCutout } from './cutout-plan.ts';
import plugin from './plugin.ts';
import { refineMatte } from './refine-matte.ts';

const folder = new URL('.', import.meta.url);
const sample = fileURLToPath(new URL('sample.jpg', folder));
const kit = createPluginKit(plugin, { folder });
afterAll(() => kit.close());

const cut = async (pictures: readonly (Picture | string)[], more: Partial<Parameters<typeof kit.run>[1]> = {}) => {
  const { pictures: results } = await kit.run('cutout', { pictures, ...more });
  const [result] = results;
  if (result === undefined) throw new Error('no picture came');
  return result.picture;
};

/** Somebody cut out once, as a known foreground with a known matte; and a world to put them into. */
const side = 256;
let original: Picture;
let person: Picture;
beforeAll(async () => {
  original = await resamplePicture(await kit.readPicture(sample), { width: side, height: side }, { kernel: 'bicubic' });
  person = await cut([original]);
});

const meadow = (width: number, height: number): Picture => {
  const picture = createPicture(width, height, 3);
  for (let i = 0; i < width * height; i += 1) {
    const [x, y] = [i % width, Math.floor(i / width)];
    const grain = 10 * Math.sin(x * 1.7 + y * 0.9) * Math.cos(y * 2.3 - x * 0.4);
    picture.data.set([70 + (40 * y) / height + grain, 140 + (50 * x) / width + grain, 90 + grain], i * 3);
  }
  return picture;
};
/** The person over a background, moved to the right and down: what lies under alpha counts, so the matte is known exactly. */
const placed = (behind: Picture, left: number, top: number): { picture: Picture; truth: Plane } => {
  const picture = { ...behind, data: behind.data.slice() };
  const truth = { width: behind.width, height: behind.height, data: new Float32Array(behind.width * behind.height) };
  for (let y = 0; y < Math.min(person.height, behind.height - top); y += 1) {
    for (let x = 0; x < Math.min(person.width, behind.width - left); x += 1) {
      const from = (y * person.width + x) * 4;
      const to = (y + top) * behind.width + x + left;
      const alpha = (person.data[from + 3] ?? 0) / 255;
      truth.data[to] = alpha;
      for (let c = 0; c < 3; c += 1)
        picture.data[to * 3 + c] = (person.data[from + c] ?? 0) * alpha + (behind.data[to * 3 + c] ?? 0) * (1 - alpha) + 0.5;
    }
  }
  return { picture, truth };
};
/** Mean difference of the alpha of a result and a known matte that is moved by (dx, dy). */
const error = (result: Picture, truth: Plane, dx = 0, dy = 0) => {
  const { width, height } = truth;
  let sum = 0;
  for (let y = 4; y < height - 4; y += 1)
    for (let x = 4; x < width - 4; x += 1)
      sum += Math.abs((result.data[(y * width + x) * 4 + 3] ?? 0) / 255 - (truth.data[(y - dy) * width + x - dx] ?? 0));
  return sum / ((width - 8) * (height - 8));
};

describe('the matte', () => {
  it('is found again on a composite with a known matte, and lies on it to the pixel', async () => {
    const { picture, truth } = placed(meadow(side, side), 0, 0);
    const result = await cut([picture]);
    expect(result.channels).toBe(4);
    const here = error(result, truth);
    expect(here).toBeLessThan(0.02);
    for (const [dx, dy] of [
      [1, 0],
      [-1, 0],
      [0, 1],
      [0, -1],
    ] as const)
      expect(error(result, truth, dx, dy)).toBeGreaterThan(here * 1.1);
  });

  it('moves with the person by odd numbers of pixels in a picture of another shape', async () => {
    const { picture, truth } = placed(meadow(347, 269), 57, 9);
    const here = error(await cut([picture]), truth);
    expect(here).toBeLessThan(0.03);
  });

  it('follows hair that a cell of the network cannot hold', async () => {
    // Strands two pixels wide stand out of a dark shape; the coarse matte knows cells of four.
    const side = 512;
    const isHair = (x: number, y: number) => y > 256 || (y > 236 && x % 14 < 2);
    const picture = createPicture(side, side, 3);
    const truth = new Float32Array(side * side);
    for (let i = 0; i < side * side; i += 1) {
      const hair = isHair(i % side, Math.floor(i / side));
      truth[i] = Number(hair);
      picture.data.set(hair ? [40, 30, 25] : [190, 200, 210], i * 3);
    }
    const cells = await resamplePlane({ width: side, height: side, data: truth }, { width: 128, height: 128 }, { kernel: 'box' });
    const coarse = await resamplePlane(cells, picture, { kernel: 'bilinear' });
    const fine = await refineMatte(picture, coarse, 'fine', new AbortController().signal);
    const contrast = ({ data }: Plane, y: number) => {
      const [strand, gap] = [14 * 20, 14 * 20 + 8].map((x) => data[y * side + x] ?? 0);
      return (strand ?? 0) - (gap ?? 0);
    };
    for (const y of [246, 250, 254]) {
      expect(contrast(coarse, y)).toBeLessThan(0.35);
      expect(contrast(fine, y)).toBeGreaterThan(2 * contrast(coarse, y));
    }
  });

  it('does not change when the picture is twice as large', async () => {
    const { picture, truth } = placed(meadow(side, side), 0, 0);
    const large = await cut([await resamplePicture(picture, { width: 2 * side, height: 2 * side }, { kernel: 'bicubic' })], {
      level: 'quick',
    });
    const back = await resamplePicture(large, { width: side, height: side }, { kernel: 'bilinear' });
    expect(error(back, truth)).toBeLessThan(0.02);
  });
});

describe('the person', () => {
  it('keeps no rim of the old background', async () => {
    const green = createPicture(side, side, 3);
    for (let i = 0; i < green.data.length; i += 3) green.data.set([20, 220, 40], i);
    const { picture } = placed(green, 0, 0);
    const result = await cut([picture]);
    // How green half-covered pixels are: what the composite shows there, and what the result says is the person's own.
    const greenness = (of: Picture, i: number) => {
      const at = i * of.channels;
      return (of.data[at + 1] ?? 0) - ((of.data[at] ?? 0) + (of.data[at + 2] ?? 0)) / 2;
    };
    let [before, after, count] = [0, 0, 0];
    for (let i = 0; i < side * side; i += 1) {
      const alpha = result.data[i * 4 + 3] ?? 0;
      if (alpha < 64 || alpha > 192) continue;
      before += greenness(picture, i);
      after += greenness(result, i);
      count += 1;
    }
    expect(count).toBeGreaterThan(100);
    expect(before / count).toBeGreaterThan(40);
    expect(after / count).toBeLessThan(before / count / 2);
  });

  it('stays as it was where it is opaque', async () => {
    let worst = 0;
    for (let i = 0; i < side * side; i += 1) {
      if (person.data[i * 4 + 3] !== 255) continue;
      for (let c = 0; c < 3; c += 1) worst = Math.max(worst, Math.abs((person.data[i * 4 + c] ?? 0) - (original.data[i * 3 + c] ?? 0)));
    }
    expect(worst).toBeLessThanOrEqual(1);
  });

  it('stays transparent where the picture was, and in 16 bit where it had them', async () => {
    const half = createPicture(side, side, 4, 65_535);
    for (let i = 0; i < side * side; i += 1) {
      for (let c = 0; c < 3; c += 1) half.data[i * 4 + c] = (original.data[i * 3 + c] ?? 0) * 257;
      half.data[i * 4 + 3] = i % side < side / 2 ? 65_535 : 0;
    }
    const result = await cut([half]);
    expect(result.data).toBeInstanceOf(Uint16Array);
    const alpha = channelOf(result, 3);
    expect(alpha.data.some((value, i) => i % side >= side / 2 && value > 0)).toBe(false);
    expect(alpha.data.some((value) => value === 65_535)).toBe(true);
  });
});

describe('the background', () => {
  const corner = (picture: Picture) => [...picture.data.slice(0, 3)];

  it('can be a colour, and another picture that covers it', async () => {
    const colored = await cut([original], { params: { background: 'color', color: '#3366cc' } });
    expect(colored.channels).toBe(3);
    expect(corner(colored)).toEqual([0x33, 0x66, 0xcc]);
    const wide = createPicture(40, 20, 3);
    for (let i = 0; i < wide.data.length; i += 1) wide.data[i] = [250, 240, 10][i % 3] ?? 0;
    expect(corner(await cut([original, wide], { params: { background: 'picture' } }))).toEqual([250, 240, 10]);
    await expect(cut([original], { params: { background: 'picture' } })).rejects.toMatchObject({ code: 'BAD_REQUEST' });
  });

  it('can be itself out of focus, without a halo of the person', async () => {
    // The person before flat grey: however far they are spread, grey it must stay.
    const grey = createPicture(side, side, 3);
    grey.data.fill(128);
    const { picture, truth } = placed(grey, 0, 0);
    const result = await cut([picture], { params: { background: 'blur' } });
    let worst = 0;
    truth.data.forEach((alpha, i) => {
      const isFar = alpha === 0 && (person.data[i * 4 + 3] ?? 0) === 0;
      if (isFar && Math.floor(i / side) < 70) worst = Math.max(worst, Math.abs((result.data[i * 3] ?? 0) - 128));
    });
    expect(worst).toBeLessThan(12);
  });
});

describe('what it says', () => {
  it('says so when nobody is in the picture', async () => {
    for (const level of ['quick', 'normal'] as const)
      await expect(cut([meadow(300, 200)], { level })).rejects.toMatchObject({
        code: 'BAD_REQUEST',
        message: expect.stringContaining('No person'),
      });
  });

  it('ends when it is cancelled, and never goes back in its progress', async () => {
    const stop = new AbortController();
    await expect(cut([original], { signal: stop.signal, onProgress: () => stop.abort(new Error('cancelled')) })).rejects.toThrow(
      'cancelled',
    );
    const { progress } = await kit.run('cutout', { pictures: [toRgb(person)] });
    expect(progress).toEqual(progress.toSorted((a, b) => (a ?? 0) - (b ?? 0)));
  });

  it('asks for memory that a phone photograph fits in', () => {
    const params = { background: 'transparent', color: '#ffffff', edge: 'fine' } as const;
    const { memoryMb, output, seconds } = estimateCutout({ params, level: 'normal', pictures: [{ width: 4000, height: 3000 }] });
    expect(output).toEqual({ width: 4000, height: 3000 });
    expect(memoryMb).toBeLessThan(800);
    expect(seconds).toBeLessThan(60);
  });
});
