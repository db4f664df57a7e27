import {
  AppError,
  BaseProcessor,
  cropPicture,
  fillTransparent,
  type ModelSession,
  type ModelSessions,
  type Picture,
  type Plane,
  type ProcessorInput,
  type ProcessorOutput,
  type ProcessorRun,
  resamplePicture,
  toEightBit,
  toRgb,
} from '#core';
import { denoiseByDct, type NoiseSpectra, noiseOf, strengthOf } from './dct-denoise.ts';
import { fitInto, gainBetween, gainByRule, spreadGain } from './light-gain.ts';
import { mirroredTo, restoreInTiles, runNetwork } from './network-restorer.ts';
import { networkOf, networkSide } from './restore-models.ts';
import { coarsePixels, overlapOf, type RestoreParams } from './restore-plan.ts';
import { sharpen } from './sharpen.ts';
import { applyGain, moveTowards } from './strength.ts';

export class RestoreProcessor extends BaseProcessor<RestoreParams> {
  readonly #models: ModelSessions;

  constructor(models: ModelSessions) {
    super('restore', '1.0.0');
    this.#models = models;
  }

  protected override async run({ pictures, params, level }: ProcessorInput<RestoreParams>, run: ProcessorRun): Promise<ProcessorOutput> {
    const [picture] = pictures;
    if (picture === undefined) throw new AppError('BAD_REQUEST', { message: 'There is no picture to restore.' });
    const { mode, strength } = params;
    const base = { mode, strength };
    if (strength === 0) return { pictures: [{ picture }], facts: { ...base, method: 'none' } };
    run.progress(0);
    const colours = await fillTransparent(picture, run.signal);
    if (level === 'quick') {
      const result = await quick(picture, colours, params, run);
      return { pictures: [{ picture: result }], facts: { ...base, method: methods[mode] } };
    }
    const session = await this.#models.open(networkOf[mode], { threads: run.threads });
    run.progress(5);
    const result =
      mode === 'lowlight'
        ? await brighten(picture, await gainByNetwork(colours, session, run), strength, run)
        : await moveTowards(picture, await restoreInTiles(toEightBit(colours), session, overlapOf[level], run), strength, run.signal);
    return { pictures: [{ picture: result }], facts: { ...base, method: networkOf[mode], provider: session.provider } };
  }
}

/** What the quick level is, for the provenance of its results. */
const methods = { denoise: 'dct', deblur: 'sharpen', lowlight: 'light-map' } as const;

/** Without a network. @param colours RGB of the picture's depth */
async function quick(picture: Picture, colours: Picture, { mode, strength }: RestoreParams, run: ProcessorRun): Promise<Picture> {
  const { signal } = run;
  if (mode === 'lowlight') return brighten(picture, await gainByRule(colours, signal), strength, run);
  const eight = toEightBit(colours);
  const noise = noiseOf(eight);
  if (mode === 'deblur') return moveTowards(picture, await sharpen(eight, strengthOf(noise[0]) / Math.sqrt(3), signal), strength, signal);
  return moveTowards(picture, await withoutNoise(eight, noise, { run, from: 0 }), strength, signal);
}

function withoutNoise(eight: Picture, noise: NoiseSpectra, { run, from }: { run: ProcessorRun; from: number }): Promise<Picture> {
  const step = eight.width * eight.height > coarsePixels ? 4 : 2;
  const onProgress = (part: number) => run.progress(from + (95 - from) * part);
  return denoiseByDct(eight, { step, noise, signal: run.signal, onProgress });
}

/** More light shows the noise of the dark: what is then above this deviation (of 255) is removed too. */
const visibleNoise = 4;
/** The base-2 logarithm of a gain that shows nothing new. */
const noGain = 0.2;

async function brighten(picture: Picture, gains: Plane, strength: number, run: ProcessorRun): Promise<Picture> {
  const bright = await applyGain(picture, gains, strength, run.signal);
  if (gains.data.every((gain) => gain < noGain)) return bright;
  const eight = toEightBit(toRgb(bright));
  const noise = noiseOf(eight);
  if (Math.max(...noise.map(strengthOf)) < visibleNoise) return bright;
  return moveTowards(bright, await withoutNoise(eight, noise, { run, from: 80 }), strength, run.signal);
}

/**
 * The network that brightens looks at the whole picture: its tiles would not agree. It works on a small copy, and what it did to the light is
 * brought to the full size along the picture's edges.
 */
async function gainByNetwork(colours: Picture, session: ModelSession, run: ProcessorRun): Promise<Plane> {
  const small = toEightBit(await resamplePicture(colours, fitInto(colours, networkSide), { kernel: 'box', signal: run.signal }));
  const bright = await runNetwork(mirroredTo(small, networkSide, networkSide), session);
  run.progress(80);
  run.signal.throwIfAborted();
  const after = cropPicture(bright, { left: 0, top: 0, width: small.width, height: small.height });
  return spreadGain(colours, gainBetween(small, after), run.signal);
}
