import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createPluginKit, type KitResult, type KitRun, type PluginKit } from '#plugin-kit';
import imagine from '../../../plugins/imagine/plugin.ts';
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
