import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createPluginKit, type PluginKit } from '#plugin-kit';
import type { Picture } from '../../../src/core/index.ts';
import trial from '../../fixtures/plugins/trial/plugin.ts';
import { makeTrialModel } from './trial-model.ts';

let directory: string;
let kit: PluginKit;
const folder = new URL('../../fixtures/plugins/trial/', import.meta.url);

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'argus-kit-'));
  kit = createPluginKit(trial, { folder, models: { scale: await makeTrialModel(directory) } });
});
afterAll(async () => {
  await kit.close();
  await rm(directory, { recursive: true });
});

const gradient = (channels: 3 | 4, deep: boolean): Picture => {
  const values = Array.from({ length: 8 * 6 * channels }, (_, index) => (index * (deep ? 251 : 1)) % (deep ? 65_536 : 256));
  return { width: 8, height: 6, channels, data: deep ? Uint16Array.from(values) : Uint8Array.from(values) };
};

describe('the plugin kit', () => {
  it('runs a processor with its model and records what it told', async () => {
    const picture: Picture = { width: 2, height: 1, channels: 3, data: Uint8Array.of(1, 2, 3, 4, 5, 200) };
    const result = await kit.run('scale', { pictures: [picture], level: 'quick' });
    expect([...(result.pictures[0]?.picture.data ?? [])]).toEqual([2, 4, 6, 8, 10, 255]);
    expect(result).toMatchObject({
      text: 'on cpu',
      provider: 'cpu',
      progress: [100],
      facts: { gain: 2, threads: 1 },
      data: { level: 'quick' },
    });
    expect(result.previews).toEqual([picture]);
    expect(result.peakMemoryMb).toBeGreaterThan(10);
    expect(kit.log).toEqual(['ready']);
  });

  it('puts the name of the plugin on what it throws, and lets through what a person can mend', async () => {
    await expect(kit.run('throws', { pictures: [] })).rejects.toMatchObject({ code: 'PLUGIN_FAILED', params: { plugin: 'trial' } });
    await expect(kit.run('refuses', { pictures: [] })).rejects.toMatchObject({ code: 'BAD_REQUEST', message: 'Give it another name.' });
    await expect(kit.run('floods', { pictures: [] })).rejects.toMatchObject({ code: 'PLUGIN_FAILED', cause: { message: /64 KiB/ } });
  });

  it('says which model is not installed', async () => {
    const bare = createPluginKit(trial, { folder });
    const picture: Picture = { width: 1, height: 1, channels: 1, data: Uint8Array.of(1) };
    await expect(bare.run('scale', { pictures: [picture] })).rejects.toMatchObject({ code: 'MODEL_MISSING', params: { model: 'scale' } });
  });

  it('ends with the reason of the signal', async () => {
    const stop = new AbortController();
    const running = kit.run('steps', {
      pictures: [],
      params: { steps: 1000 },
      signal: stop.signal,
      onProgress: () => stop.abort(new Error('enough')),
    });
    await expect(running).rejects.toThrow('enough');
  });

  it.each([
    ['8 bit', 3, false],
    ['8 bit with transparency', 4, false],
    ['16 bit', 3, true],
    ['16 bit with transparency', 4, true],
  ] as const)('keeps every value of %s through a file', async (name, channels, deep) => {
    const path = join(directory, `${name}.png`);
    const picture = gradient(channels, deep);
    await kit.writePicture(picture, path);
    expect(await kit.readPicture(path)).toEqual({ ...picture, data: deep ? picture.data : Buffer.from(picture.data) });
  });

  it('reads a picture upright, grey as RGB, and without transparency that says nothing', async () => {
    const path = join(directory, 'grey.jpg');
    await sharp({ create: { width: 6, height: 4, channels: 3, background: '#777' } })
      .greyscale()
      .jpeg()
      .withMetadata({ orientation: 6 })
      .toFile(path);
    expect(await kit.readPicture(path)).toMatchObject({ width: 4, height: 6, channels: 3 });
    const opaque = join(directory, 'opaque.png');
    await sharp({ create: { width: 6, height: 4, channels: 4, background: '#777777ff' } })
      .png()
      .toFile(opaque);
    expect(await kit.readPicture(opaque)).toMatchObject({ channels: 3, data: { length: 72 } });
  });
});
