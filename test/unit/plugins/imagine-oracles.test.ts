import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createPluginKit, type KitResult, type KitRun, type PluginKit } from '#plugin-kit';
import imagine from '../../../plugins/imagine/plugin.ts';
import type { Picture } from '../../../src/core/index.ts';
import { type OracleVariant, oracleColours, oraclePixel, writeOracleModel } from '../../support/oracle-models.ts';

const folder = new URL('../../../plugins/imagine/', import.meta.url);
const ddim = { _class_name: 'DDIMScheduler', steps_offset: 1, set_alpha_to_one: true, clip_sample: false };
const pndm = { _class_name: 'PNDMScheduler', steps_offset: 1, set_alpha_to_one: false };
const euler = { _class_name: 'EulerDiscreteScheduler', timestep_spacing: 'trailing' };
const ancestral = { _class_name: 'EulerAncestralDiscreteScheduler', timestep_spacing: 'trailing' };
const lcm = { _class_name: 'LCMScheduler' };
const small = { width: 64, height: 64 };

let home: string;
let kit: PluginKit;

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'oracle-'));
});

afterEach(async () => {
  await kit.close();
  rmSync(home, { recursive: true, force: true });
});

/** Opens a model under the name that the plugin knows it by. */
function bring(variant: OracleVariant, name = 'imagine', config: Record<string, string | number> = {}): PluginKit {
  writeOracleModel(join(home, name), variant);
  kit = createPluginKit(imagine, { folder, models: { [name]: join(home, name) }, config });
  return kit;
}

function paint(params: Record<string, string | number | boolean>, run: Partial<KitRun> = {}): Promise<KitResult> {
  return kit.run('imagine', { pictures: [], params: { seed: 1, ...small, ...params }, ...run });
}

/** The largest difference of any value from the picture that is meant. */
function differenceFrom(result: KitResult, colour: readonly number[]): number {
  const picture = result.pictures[0]?.picture;
  if (picture === undefined) throw new Error('no picture');
  expect([picture.width, picture.height, picture.channels]).toEqual([64, 64, 3]);
  let worst = 0;
  for (let at = 0; at < 64 * 64; at += 1) {
    const meant = oraclePixel(colour, at % 64);
    for (let channel = 0; channel < 3; channel += 1)
      worst = Math.max(worst, Math.abs((picture.data[at * 3 + channel] ?? 0) - (meant[channel] ?? 0)));
  }
  return worst;
}

const { red, green, blue } = oracleColours;
/** What guidance makes of two colours. */
const guided = (wanted: readonly number[], avoided: readonly number[], guidance: number) =>
  wanted.map((value, index) => (avoided[index] ?? 0) + guidance * (value - (avoided[index] ?? 0)));
const grey = [0, 0, 0];

describe('models that know the picture', () => {
  it.each<[string, OracleVariant, Record<string, string | number | boolean>, readonly number[], number]>([
    ['SD 1.5, DDIM, guided', { scheduler: ddim }, { prompt: 'red', steps: 10, guidance: 2 }, guided(red, grey, 2), 2],
    [
      'SD 1.5, DDIM, guided away from words',
      { scheduler: ddim },
      { prompt: 'red', negative: 'blue', steps: 10, guidance: 1.5 },
      guided(red, blue, 1.5),
      2,
    ],
    [
      'SD 1.5, Euler, guided away from words',
      { scheduler: pndm },
      { prompt: 'green', negative: 'red', steps: 10, guidance: 1.5, scheduler: 'euler' },
      guided(green, red, 1.5),
      2,
    ],
    ['SD 1.5, DPM++ 2M in place of PNDM', { scheduler: pndm }, { prompt: 'red', steps: 10, guidance: 2 }, guided(red, grey, 2), 2],
    ['SD 1.5, DPM++ 2M, sigmas of Karras', { scheduler: pndm }, { prompt: 'blue', steps: 10, guidance: 1, karras: true }, blue, 8],
    [
      'SD 2, v-prediction',
      { scheduler: ddim, prediction: 'v_prediction' },
      { prompt: 'green', steps: 10, guidance: 2 },
      guided(green, grey, 2),
      2,
    ],
    [
      'an old export: ids of 32 bits, a float for the timestep',
      { scheduler: ddim, legacy: true },
      { prompt: 'blue', steps: 10, guidance: 2 },
      guided(blue, grey, 2),
      2,
    ],
    [
      'an export bound to its size and a batch of two',
      { scheduler: ddim, bound: true },
      { prompt: 'blue', negative: 'red', steps: 10, guidance: 1.5 },
      guided(blue, red, 1.5),
      2,
    ],
    ['SD-Turbo in one step', { scheduler: euler }, { prompt: 'red', steps: 1 }, red, 2],
    ['SD-Turbo in halves, four steps', { scheduler: euler, half: true }, { prompt: 'red', steps: 4 }, red, 6],
    ['an LCM that is told its guidance', { scheduler: lcm, toldGuidance: 6 }, { prompt: 'green', steps: 4, guidance: 6 }, green, 2],
    ['an LCM that does without guidance', { scheduler: lcm }, { prompt: 'green', steps: 4 }, green, 2],
    ['SDXL-Turbo, Euler ancestral', { family: 'sdxl', scheduler: ancestral }, { prompt: 'blue', steps: 4 }, blue, 2],
    [
      'SDXL in halves, guided',
      { family: 'sdxl', scheduler: { ...ddim, _class_name: 'EulerDiscreteScheduler', timestep_spacing: 'leading' }, half: true },
      { prompt: 'red', steps: 10, guidance: 2 },
      guided(red, grey, 2),
      6,
    ],
    [
      'SDXL, guided away from words',
      { family: 'sdxl', scheduler: ddim },
      { prompt: 'red', negative: 'blue', steps: 10, guidance: 1.5 },
      guided(red, blue, 1.5),
      2,
    ],
  ])('%s', async (_, variant, params, colour, tolerance) => {
    bring(variant);
    expect(differenceFrom(await paint(params), colour)).toBeLessThanOrEqual(tolerance);
  });
});

/** One colour, 0..255. */
function plain(colour: readonly [number, number, number], width = 64, height = 64): Picture {
  const data = new Uint8Array(width * height * 3).map((_, index) => colour[index % 3] ?? 0);
  return { width, height, channels: 3, data };
}

function meanOf({ pictures }: KitResult): number[] {
  const data = Array.from(pictures[0]?.picture.data ?? []);
  return [0, 1, 2].map((channel) => data.reduce((sum, value, index) => (index % 3 === channel ? sum + value : sum), 0) / (data.length / 3));
}

describe('a picture to begin with', () => {
  it.each([
    ['a distribution', false],
    ['latents', true],
  ])('hardly changes at little strength, with an encoder that gives %s', async (_, plainEncoder) => {
    bring({ scheduler: ddim, blind: true, plainEncoder });
    const result = await paint({ prompt: 'red', steps: 20, guidance: 1, strength: 0.05 }, { pictures: [plain([200, 60, 120])] });
    for (const [index, value] of meanOf(result).entries()) expect(Math.abs(value - ([200, 60, 120][index] ?? 0))).toBeLessThan(12);
    expect(result.facts).toMatchObject({ strength: 0.05, steps: 20 });
  });

  it('becomes what the words say where the network knows better, also in a single step of a turbo model', async () => {
    bring({ scheduler: euler });
    const result = await paint({ prompt: 'red', steps: 1, strength: 0.5 }, { pictures: [plain([200, 60, 120], 200, 100)] });
    expect(differenceFrom(result, red)).toBeLessThanOrEqual(2);
    expect(result.facts).toMatchObject({ steps: 2 });
  });

  it('is refused with the name of the file where the model cannot see', async () => {
    bring({ scheduler: euler, without: ['vae_encoder'] });
    await expect(paint({ prompt: 'red' }, { pictures: [plain([1, 2, 3])] })).rejects.toMatchObject({
      code: 'MODEL_MISSING',
      message: expect.stringContaining('vae_encoder/model.onnx'),
    });
    expect(differenceFrom(await paint({ prompt: 'red' }), red)).toBeLessThanOrEqual(2);
  });
});

describe('a run', () => {
  it('gives the same bytes for the same seed, others for another, and says which seed chance took', async () => {
    bring({ scheduler: ancestral, blind: true });
    const bytes = async (params: Record<string, number>) => {
      const result = await kit.run('imagine', { pictures: [], params: { prompt: 'red', steps: 3, ...small, ...params } });
      return { data: result.pictures[0]?.picture.data, seed: result.facts?.['seed'] };
    };
    const first = await bytes({ seed: 5 });
    expect(await bytes({ seed: 5 })).toEqual(first);
    expect((await bytes({ seed: 6 })).data).not.toEqual(first.data);
    const { seed, data } = await bytes({});
    expect(seed).toEqual(expect.any(Number));
    expect((await bytes({ seed: Number(seed) })).data).toEqual(data);
  });

  it('stops between two steps when it is cancelled', async () => {
    bring({ scheduler: ddim });
    const controller = new AbortController();
    const seen: (number | null)[] = [];
    const reason = new Error('cancelled');
    const onProgress = (percent: number | null) => {
      seen.push(percent);
      if (percent !== null && percent > 20) controller.abort(reason);
    };
    await expect(paint({ prompt: 'red', steps: 50 }, { signal: controller.signal, onProgress })).rejects.toBe(reason);
    expect(seen.filter((percent) => percent !== null && percent > 20)).toHaveLength(1);
    expect(differenceFrom(await paint({ prompt: 'red', steps: 10, guidance: 1 }), red)).toBeLessThanOrEqual(2);
  });

  it('tells how far it is, never backwards, and shows what is coming', async () => {
    bring({ scheduler: ddim });
    const { progress, previews, facts, pictures } = await paint({ prompt: 'red', steps: 5 });
    const numbers = progress.filter((percent) => percent !== null);
    expect(numbers.toSorted((a, b) => a - b)).toEqual(numbers);
    expect(numbers.at(0)).toBe(0);
    expect(numbers.at(-1)).toBeGreaterThan(95);
    expect(previews.length).toBeGreaterThanOrEqual(1);
    expect(previews[0]).toMatchObject({ width: 8, height: 8, channels: 3 });
    expect(facts).toEqual({ model: 'imagine', seed: 1, steps: 5, guidance: 7.5, scheduler: 'ddim', ...small });
    expect(pictures[0]?.format).toBe('png');
  });

  it('takes steps and guidance that suit the model and the level', async () => {
    bring({ scheduler: euler }, 'sd-turbo', { memory: 'frugal' });
    const given = async (level: 'quick' | 'normal' | 'deep') => (await paint({ prompt: 'red' }, { level })).facts;
    expect(await given('quick')).toMatchObject({ model: 'sd-turbo', steps: 1, guidance: 0, scheduler: 'euler' });
    expect(await given('normal')).toMatchObject({ steps: 2 });
    expect(await given('deep')).toMatchObject({ steps: 4 });
  });

  it('says what was painted, what the model could not hear and that it knows English best', async () => {
    bring({ scheduler: euler });
    const long = await paint({ prompt: 'red '.repeat(90), steps: 1 });
    expect(long.text).toContain('the last 15 were left out');
    const persian = await paint({ prompt: 'گربه', steps: 1 });
    expect(persian.text).toContain('انگلیسی');
    expect((await paint({ prompt: 'a red\n# one', steps: 1 })).text).toBe('> a red # one');
  });
});

describe('what cannot be painted', () => {
  it('is answered with every file to bring where no model is there, and with the way by Gemini', async () => {
    kit = createPluginKit(imagine, { folder });
    const error: unknown = await paint({ prompt: 'red' }).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'MODEL_MISSING', params: { model: 'sd-turbo' } });
    const { message } = error as Error;
    for (const file of [
      'unet/model.onnx',
      'text_encoder/model.onnx',
      'vae_decoder/model.onnx',
      'tokenizer/vocab.json',
      'tokenizer/merges.txt',
      'scheduler/scheduler_config.json',
    ])
      expect(message).toContain(`DATA_DIR/models/sd-turbo/${file}`);
    expect(message).toContain('/model gemini-nano-banana-2.1');
  });

  it('names the files that are missing in a model that is not complete, and takes it once they are there', async () => {
    bring({ scheduler: euler, without: ['unet', 'tokenizer'] });
    await expect(paint({ prompt: 'red' })).rejects.toMatchObject({
      code: 'MODEL_MISSING',
      message:
        'The model imagine is not complete. Missing in DATA_DIR/models/imagine: unet/model.onnx, tokenizer/vocab.json, tokenizer/merges.txt.',
    });
    writeOracleModel(join(home, 'imagine'), { scheduler: euler });
    expect(differenceFrom(await paint({ prompt: 'red' }), red)).toBeLessThanOrEqual(2);
  });

  it('knows a pointer of Git LFS and a file that is not JSON from the real ones', async () => {
    bring({ scheduler: euler });
    writeFileSync(join(home, 'imagine/unet/model.onnx'), 'version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n');
    await expect(paint({ prompt: 'red' })).rejects.toMatchObject({ code: 'MODEL_MISSING', message: expect.stringContaining('Git LFS') });
    writeOracleModel(join(home, 'imagine'), { scheduler: euler });
    writeFileSync(join(home, 'imagine/scheduler/scheduler_config.json'), '<html>');
    await expect(paint({ prompt: 'red' })).rejects.toMatchObject({ message: expect.stringContaining('scheduler/scheduler_config.json') });
  });

  it.each<[string, OracleVariant, Record<string, string | number>, string]>([
    ['no words', { scheduler: euler }, { prompt: ' ' }, 'Say what to paint'],
    ['a size that the export is not bound to', { scheduler: euler, bound: true }, { prompt: 'red', width: 128 }, '64 x 64'],
    ['a size that networks cannot halve', { scheduler: euler }, { prompt: 'red', width: 72 }, 'multiples of 64'],
  ])('is refused as the request of the person: %s', async (_, variant, params, words) => {
    bring(variant);
    await expect(paint(params)).rejects.toMatchObject({ code: 'BAD_REQUEST', message: expect.stringContaining(words) });
  });
});
