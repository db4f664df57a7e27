/**
 * Makes the table of the README: MEASURE=1 npx vitest run --project measure plugins/cutout
 * With MEASURE_PICTURES=<folder> time and memory are also taken of its photographs of people.
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { env } from 'node:process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { createPicture, type Picture } from '#core';
import { createPluginKit } from '#plugin-kit';
import plugin from './plugin.ts';

const folder = new URL('.', import.meta.url);
const sample = fileURLToPath(new URL('sample.jpg', folder));
const more = env['MEASURE_PICTURES'];
const cpuSeconds = () => (process.cpuUsage().user + process.cpuUsage().system) / 1e6;

/** A background of waves in a colour. */
function waves(size: Picture, [red, green, blue]: readonly [number, number, number], length: number): Picture {
  const picture = createPicture(size.width, size.height, 3);
  for (let i = 0; i < size.width * size.height; i += 1) {
    const wave = 25 * Math.sin((i % size.width) / length) * Math.cos(Math.floor(i / size.width) / length);
    picture.data.set([red + wave, green + wave, blue - wave], i * 3);
  }
  return picture;
}

function over(person: Picture, behind: Picture): Picture {
  const picture = { ...behind, data: behind.data.slice() };
  for (let i = 0; i < picture.data.length; i += 1) {
    const at = ((i / 3) | 0) * 4;
    const alpha = (person.data[at + 3] ?? 0) / 255;
    picture.data[i] = (person.data[at + (i % 3)] ?? 0) * alpha + (behind.data[i] ?? 0) * (1 - alpha) + 0.5;
  }
  return picture;
}

/** Mean difference of two alphas, in percent, and the share of pixels on the wrong side of one half. */
function compare(result: Picture, truth: Picture): { readonly difference: number; readonly wrong: number } {
  let [sum, wrong] = [0, 0];
  for (let i = 3; i < truth.data.length; i += 4) {
    const [a, b] = [result.data[i] ?? 0, truth.data[i] ?? 0];
    sum += Math.abs(a - b) / 255;
    if (a > 127 !== b > 127) wrong += 1;
  }
  const part = 400 / truth.data.length;
  return { difference: sum * part, wrong: wrong * part };
}

describe.runIf(env['MEASURE'] !== undefined)('the table', () => {
  it('is made', { timeout: 600_000 }, async () => {
    const kit = createPluginKit(plugin, { folder });
    const cut = async (picture: Picture | string, level: 'quick' | 'normal') => {
      const begun = cpuSeconds();
      const { pictures, peakMemoryMb } = await kit.run('cutout', { pictures: [picture], level });
      const [result] = pictures;
      if (result === undefined) throw new Error('no picture came');
      return { picture: result.picture, peakMemoryMb, seconds: cpuSeconds() - begun };
    };
    const { picture: person } = await cut(sample, 'normal');
    const lines = ['| background | level | matte off by, % | pixels on the wrong side, % |'];
    const worlds = { green: [60, 150, 80], 'skin-like': [205, 160, 135], orange: [215, 90, 50], dark: [50, 45, 55] } as const;
    for (const [name, colour] of Object.entries(worlds)) {
      for (const level of ['quick', 'normal'] as const) {
        const { picture } = await cut(over(person, waves(person, colour, 9)), level);
        const { difference, wrong } = compare(picture, person);
        lines.push(`| ${name} | ${level} | ${difference.toFixed(2)} | ${wrong.toFixed(2)} |`);
      }
    }
    lines.push('| picture | level | megapixels | CPU seconds | peak MiB |');
    for (const path of [sample, ...(more === undefined ? [] : readdirSync(more).map((name) => join(more, name)))]) {
      for (const level of ['quick', 'normal'] as const) {
        const { picture, peakMemoryMb, seconds } = await cut(path, level);
        const millions = ((picture.width * picture.height) / 1e6).toFixed(2);
        lines.push(`| ${path.split('/').at(-1)} | ${level} | ${millions} | ${seconds.toFixed(1)} | ${peakMemoryMb.toFixed(0)} |`);
      }
    }
    await kit.close();
    process.stdout.write(`${lines.join('\n')}\n`);
    expect(lines.length).toBeGreaterThan(10);
  });
});
