import { randomInt } from 'node:crypto';
import { BaseProcessor, type ModelSessions, type Picture, type ProcessorInput, type ProcessorOutput, type ProcessorRun } from '#core';
import { chosenModel } from './imagine-estimate.ts';
import type { ImagineConfig, ImagineParams } from './imagine-params.ts';
import { instructionsFor } from './instructions.ts';
import { type ModelFolder, readModelFolder } from './model-folder.ts';
import { type ModelName, modelNames } from './model-kinds.ts';
import { type Painted, paint } from './paint.ts';
import { isolated, refusal } from './refusal.ts';
import { remarksOn } from './remarks.ts';
import { createRoom } from './session-room.ts';

const example = '/imagine a red bicycle in the rain';

/** Text to picture and picture to picture, with whichever model is there. */
export class ImagineProcessor extends BaseProcessor<ImagineParams, ImagineConfig> {
  readonly #models: ModelSessions;
  readonly #settings: ImagineConfig;
  /** Vocabularies take a second to read, so what was read stays. */
  readonly #folders = new Map<string, Promise<ModelFolder>>();

  constructor(models: ModelSessions, config: ImagineConfig) {
    super('imagine', '1.0.0', config);
    this.#models = models;
    this.#settings = config;
  }

  protected async run({ params, pictures, level }: ProcessorInput<ImagineParams>, run: ProcessorRun): Promise<ProcessorOutput> {
    const [source] = pictures;
    if (params.prompt === '' && source === undefined)
      throw refusal('BAD_REQUEST', {
        en: `Say what to paint, for example: ${example}`,
        fa: `بگویید چه بکشد، مانند: ${isolated(example)}`,
        ar: `قل ماذا يرسم، مثلًا: ${isolated(example)}`,
      });
    const name = this.#modelFor(params.model);
    run.progress(0);
    const folder = await this.#read(name);
    run.signal.throwIfAborted();
    const seed = params.seed ?? randomInt(2 ** 32);
    const room = createRoom(this.#models, {
      name,
      folder,
      mode: this.#settings.memory,
      grantedMb: this.resourceStatus().allocated?.memoryMb ?? 0,
    });
    const painted = await paint({ params, level, source, seed, folder, room, decodeTile: this.#settings.decodeTile }, run);
    return this.#output(painted, name, params, source);
  }

  #modelFor(wished: ImagineParams['model']): ModelName {
    const installed = modelNames.filter((name) => this.#models.isInstalled(name));
    const name = chosenModel(wished, this.#settings.model, installed);
    if (name !== null && installed.includes(name)) return name;
    const missing = name ?? 'sd-turbo';
    throw refusal('MODEL_MISSING', instructionsFor(missing), { model: missing });
  }

  #read(name: ModelName): Promise<ModelFolder> {
    const known = this.#folders.get(name);
    if (known !== undefined) return known;
    const reading = readModelFolder(this.#models.folder(name), name);
    this.#folders.set(name, reading);
    // What was missing may have been brought by the next time.
    reading.catch(() => this.#folders.delete(name));
    return reading;
  }

  #output(
    { picture, plan, scheduler, seed, dropped }: Painted,
    model: string,
    params: ImagineParams,
    source: Picture | undefined,
  ): ProcessorOutput {
    const { width, height, steps, guidance } = plan;
    const text = remarksOn({ prompt: params.prompt, dropped });
    return {
      pictures: [{ picture, format: 'png' }],
      ...(text === '' ? {} : { text }),
      facts: {
        model,
        seed,
        steps,
        guidance,
        scheduler,
        width,
        height,
        ...(source === undefined ? {} : { strength: params.strength }),
      },
    };
  }
}
