import { afterAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { createPicture, type Picture, psnr } from '#core';
import { createPluginKit } from '#plugin-kit';
import { cutLine, lineHeight } from './cut-line.ts';
import { placesIn } from './find-text.ts';
import { convexHull, cornersOf, distance, smallestRect } from './geometry.ts';
import plugin from './plugin.ts';
import { charactersFrom, readColumns } from './read-line.ts';
import { inReadingOrder, plainText } from './reading-order.ts';

const folder = new URL('.', import.meta.url);
const sample = new URL('sample.png', folder).pathname;
const kit = createPluginKit(plugin, { folder });

afterAll(() => kit.close());

const written = `Notes on small networks
Chapter 3, page 47 - 12 May 2026

The first column is read from
top to bottom. It has four
lines of plain text, and the
last of them ends here.

The second column comes after
the first: 1,024 examples gave
98.7 % at a cost of $3.50, or
(x + y) / 2 on average.

Footnote: small print is harder, e-mail a.person@example.org for the data.

APPROVED 2026`;

const point = z.tuple([z.number(), z.number()]).transform(([x, y]) => ({ x, y }));
const resultSchema = z.object({ boxes: z.array(z.object({ text: z.string(), points: z.tuple([point, point, point, point]) })) });

async function boxesOf(picture: Picture | string) {
  const { data } = await kit.run('ocr', { pictures: [picture], level: 'quick' });
  return resultSchema.parse(data).boxes;
}

/** The same picture after a half turn. */
function halfTurn(picture: Picture): Picture {
  const { width, height, channels, data } = picture;
  const turned = createPicture(width, height, channels);
  for (let index = 0; index < width * height; index += 1) {
    for (let c = 0; c < channels; c += 1) turned.data[(width * height - 1 - index) * channels + c] = data[index * channels + c] ?? 0;
  }
  return turned;
}

describe('reading a page', () => {
  it('reads every character of two columns, small print and a slanted stamp, in the order of a reader', async () => {
    const { text, data, facts, pictures, progress } = await kit.run('ocr', { pictures: [sample], level: 'quick' });
    expect(text).toBe(`\`\`\`text\n${written}\n\`\`\``);
    expect(data).toMatchObject({ width: 900, height: 620, text: written });
    expect(facts).toMatchObject({ places: 12 });
    expect(pictures).toEqual([]);
    expect(progress.at(0)).toBe(0);
    expect(progress.at(-1)).toBe(100);
  });

  it('places its boxes on the text, whatever the angle', async () => {
    const boxes = await boxesOf(sample);
    const [topLeft, , bottomRight] = boxes.find(({ text }) => text.startsWith('Notes'))?.points ?? [];
    expect(Math.abs((topLeft?.x ?? 0) - 44)).toBeLessThan(16);
    expect(Math.abs((bottomRight?.x ?? 0) - 466)).toBeLessThan(16);
    const [from, to] = boxes.find(({ text }) => text.startsWith('APPROVED'))?.points ?? [];
    if (from === undefined || to === undefined) throw new Error('the stamp was not found');
    const angle = (Math.atan2(to.y - from.y, to.x - from.x) * 180) / Math.PI;
    expect(Math.abs(angle + 14)).toBeLessThan(2);
  });

  it('reads a page that stands on its head', async () => {
    const boxes = await boxesOf(halfTurn(await kit.readPicture(sample)));
    expect(boxes.map(({ text }) => text)).toEqual(expect.arrayContaining(['Notes on small networks', 'lines of plain text, and the']));
  });

  it('says nothing about a picture without text', async () => {
    const empty = { ...createPicture(200, 120, 3), data: new Uint8Array(200 * 120 * 3).fill(240) };
    const { text, data } = await kit.run('ocr', { pictures: [empty] });
    expect(text).toBeUndefined();
    expect(data).toMatchObject({ text: '', boxes: [] });
  });

  it('ends between two lines when it is cancelled', async () => {
    const controller = new AbortController();
    const run = kit.run('ocr', {
      pictures: [sample],
      level: 'quick',
      signal: controller.signal,
      onProgress: (percent) => {
        if (percent !== null && percent > 40) controller.abort(new Error('cancelled'));
      },
    });
    await expect(run).rejects.toThrow('cancelled');
  });
});

describe('finding places', () => {
  it('finds one rectangle at the angle of a slanted bar, grown by what the network shrinks', () => {
    const [width, height] = [120, 80];
    const values = new Float32Array(width * height);
    const direction = { x: Math.cos(0.3), y: Math.sin(0.3) };
    for (let y = 0; y < height; y += 1) {
      for (let x = 0; x < width; x += 1) {
        const along = (x - 60) * direction.x + (y - 40) * direction.y;
        const across = (y - 40) * direction.x - (x - 60) * direction.y;
        if (Math.abs(along) <= 35 && Math.abs(across) <= 6) values[y * width + x] = 0.95;
      }
    }
    const [place, ...others] = placesIn({ width, height, values });
    expect(others).toEqual([]);
    if (place === undefined) throw new Error('nothing was found');
    const [a, b, , d] = place.quad;
    // 71 x 13 grown on each side by area * 1.5 / perimeter = 8.2.
    expect(Math.abs(distance(a, b) - 87.4)).toBeLessThan(2);
    expect(Math.abs(distance(a, d) - 29.4)).toBeLessThan(2);
  });

  it('leaves specks and faint places out', () => {
    const values = new Float32Array(60 * 60);
    values[0] = 0.9;
    for (let y = 20; y < 30; y += 1) values.fill(0.4, y * 60 + 10, y * 60 + 50);
    expect(placesIn({ width: 60, height: 60, values })).toEqual([]);
  });

  it('finds the smallest rectangle around points', () => {
    const corners = [
      { x: 0, y: 0 },
      { x: 20, y: 10 },
      { x: 17, y: 16 },
      { x: -3, y: 6 },
    ];
    const rect = smallestRect(convexHull([...corners, { x: 8, y: 8 }, { x: 4, y: 6 }]));
    expect(rect.along * rect.across).toBeCloseTo(150, 6);
    const [topLeft] = cornersOf(rect);
    expect(topLeft.x).toBeCloseTo(0, 6);
    expect(topLeft.y).toBeCloseTo(0, 6);
  });
});

describe('cutting a line', () => {
  it('gives an upright place back as it is', () => {
    const picture = createPicture(200, lineHeight, 3);
    for (let index = 0; index < picture.data.length; index += 1) picture.data[index] = (index * 37) % 251;
    const quad = [
      { x: 0, y: 0 },
      { x: 200, y: 0 },
      { x: 200, y: lineHeight },
      { x: 0, y: lineHeight },
    ] as const;
    expect(psnr(cutLine(picture, quad), picture)).toBe(Infinity);
  });

  it('reads text that runs from top to bottom after a quarter turn', () => {
    const quad = [
      { x: 0, y: 0 },
      { x: 48, y: 0 },
      { x: 48, y: 480 },
      { x: 0, y: 480 },
    ] as const;
    expect(cutLine(createPicture(48, 480, 3), quad)).toMatchObject({ width: 480, height: lineHeight });
  });
});

describe('reading columns', () => {
  const characters = charactersFrom('a\nb\r\n中\n');
  /** One likely class for each column; `[class, space]` gives the space a likelihood of its own. */
  const columns = (...picked: (number | [number, number])[]): Float32Array => {
    const values = new Float32Array(picked.length * 5);
    picked.forEach((pick, index) => {
      const [best, space] = typeof pick === 'number' ? [pick, 0] : pick;
      values[index * 5 + 4] = space;
      values[index * 5 + best] = 0.9;
    });
    return values;
  };

  it('joins what repeats and leaves the empty class out', () => {
    expect(readColumns(columns(0, 1, 1, 0, 1, 2, 0), 5, characters)).toEqual({ text: 'aab', score: expect.closeTo(0.9, 5) });
    expect(readColumns(columns(0, 0), 5, characters)).toEqual({ text: '', score: 0 });
  });

  it('puts a space where the network thought of one, but not between Chinese characters', () => {
    expect(readColumns(columns(1, [0, 0.05], 2), 5, characters).text).toBe('a b');
    expect(readColumns(columns(1, [0, 0.01], 2), 5, characters).text).toBe('ab');
    expect(readColumns(columns(3, [0, 0.05], 0, 3), 5, characters).text).toBe('中中');
    expect(readColumns(columns(1, 4, [0, 0.05], 2), 5, characters).text).toBe('a b');
  });
});

describe('the order of reading', () => {
  const height = 20;
  const place = (text: string, left: number, top: number, width = 100) => ({
    text,
    score: 1,
    quad: [
      { x: left, y: top },
      { x: left + width, y: top },
      { x: left + width, y: top + height },
      { x: left, y: top + height },
    ] as const,
  });
  const order = (...texts: ReturnType<typeof place>[]) => plainText(inReadingOrder(texts));

  it('reads pieces of one line from left to right and lines from top to bottom', () => {
    expect(order(place('c', 0, 30), place('b', 110, 3), place('a', 0, 0))).toBe('a b\nc');
  });

  it('reads a column to its end before the next one, after a heading over both', () => {
    const body = [place('1', 0, 60), place('3', 200, 62), place('2', 0, 85), place('4', 200, 87)];
    expect(order(...body, place('Heading', 0, 0, 300))).toBe('Heading\n\n1\n2\n\n3\n4');
  });

  it('does not take one line with wide gaps for columns', () => {
    expect(order(place('total', 0, 0), place('3.50', 400, 0))).toBe('total 3.50');
  });
});
