import { open, readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { AppError } from '#core';
import { type ClipTokenizer, createClipTokenizer } from './clip-tokenizer.ts';
import { type ModelKind, schedulerOfClass } from './model-kinds.ts';
import { type NoiseConfig, readNoiseConfig } from './noise-config.ts';
import { isolated, refusal } from './refusal.ts';
import type { SchedulerName } from './scheduler.ts';
import type { LatentScale } from './vae.ts';

/** The parts of a model that are graphs, each in its own folder. */
export const graphParts = ['text_encoder', 'text_encoder_2', 'unet', 'vae_decoder', 'vae_encoder'] as const;
export type GraphPart = (typeof graphParts)[number];

/** A model as it lies in its folder, everything but the graphs read. */
export interface ModelFolder {
  readonly kind: ModelKind;
  readonly noise: NoiseConfig;
  /** As the model was published. */
  readonly scheduler: SchedulerName;
  /** One for each text encoder. */
  readonly tokenizers: readonly [ClipTokenizer] | readonly [ClipTokenizer, ClipTokenizer];
  readonly latents: LatentScale;
  /** SDXL: an empty text to avoid is silence, not an encoded empty text. */
  readonly silentNegative: boolean;
  /** Bytes of each part that is there. */
  readonly sizes: ReadonlyMap<GraphPart, number>;
}

type Json = Readonly<Record<string, unknown>>;

/** The graph of a part, relative to the model's folder. */
export function graphFile(part: GraphPart): string {
  return `${part}/model.onnx`;
}

async function readJson(folder: string, path: string): Promise<Json | null> {
  let text: string;
  try {
    text = await readFile(join(folder, path), 'utf8');
  } catch {
    return null;
  }
  const value = parsed(text);
  if (isJson(value)) return value;
  throw refusal(
    'MODEL_MISSING',
    {
      en: `The model's file ${path} is not JSON. Was it downloaded whole?`,
      fa: `فایل ${isolated(path)} مدل JSON نیست. آیا کامل بارگیری شده است؟`,
      ar: `ملف النموذج ${isolated(path)} ليس JSON. هل نُزِّل كاملًا؟`,
    },
    { file: path },
  );
}

/** Null where it is no JSON. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function isJson(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Bytes of all files of a part; null where its graph is missing. @throws AppError for a file that only stands for the real one */
async function sizeOfPart(folder: string, part: GraphPart): Promise<number | null> {
  const graph = join(folder, graphFile(part));
  const found = await stat(graph).catch(() => null);
  if (found === null || !found.isFile()) return null;
  if (found.size < 1024) await refusePointer(graph, part);
  const names = await readdir(join(folder, part));
  const sizes = await Promise.all(names.map(async (name) => (await stat(join(folder, part, name))).size));
  return sizes.reduce((sum, size) => sum + size, 0);
}

/** A clone without Git LFS leaves small texts in place of the weights. */
async function refusePointer(path: string, part: GraphPart): Promise<void> {
  const file = await open(path);
  try {
    const { buffer } = await file.read(Buffer.alloc(64), 0, 64, 0);
    if (!buffer.toString('latin1').startsWith('version https://git-lfs')) return;
  } finally {
    await file.close();
  }
  const name = graphFile(part);
  throw refusal(
    'MODEL_MISSING',
    {
      en: `${name} is a pointer of Git LFS, not the weights. Download the file itself (git lfs pull).`,
      fa: `${isolated(name)} تنها نشانی Git LFS است، نه خود وزن‌ها. خود فایل را بگیرید (${isolated('git lfs pull')}).`,
      ar: `${isolated(name)} مؤشر من Git LFS وليس الأوزان نفسها. نزّل الملف نفسه (${isolated('git lfs pull')}).`,
    },
    { file: name },
  );
}

function padTokenOf(special: Json | null, config: Json | null): string | undefined {
  for (const value of [special?.['pad_token'], config?.['pad_token']]) {
    if (typeof value === 'string') return value;
    if (isJson(value) && typeof value['content'] === 'string') return value['content'];
  }
  return undefined;
}

async function readTokenizer(folder: string, name: string): Promise<ClipTokenizer | null> {
  const vocabulary = await readJson(folder, `${name}/vocab.json`);
  const merges = await readFile(join(folder, name, 'merges.txt'), 'utf8').catch(() => null);
  if (vocabulary === null || merges === null) return null;
  const padToken = padTokenOf(
    await readJson(folder, `${name}/special_tokens_map.json`),
    await readJson(folder, `${name}/tokenizer_config.json`),
  );
  const numbers = Object.entries(vocabulary).filter((entry): entry is [string, number] => typeof entry[1] === 'number');
  return createClipTokenizer({ vocabulary: Object.fromEntries(numbers), merges, ...(padToken === undefined ? {} : { padToken }) });
}

/** Of a description that diffusers wrote; empty: it names none. */
function nameOfClass({ _class_name: name }: Json): string {
  return typeof name === 'string' ? name : '';
}

function habitOf(scheduler: Json, unet: Json): ModelKind['habit'] {
  const name = nameOfClass(scheduler);
  if (name.startsWith('LCM') || typeof unet['time_cond_proj_dim'] === 'number') return 'lcm';
  // Distilled models (SD-Turbo, SDXL-Turbo, Lightning) are published with Euler's method over trailing steps; others are not.
  return name.startsWith('Euler') && scheduler['timestep_spacing'] === 'trailing' ? 'turbo' : 'classic';
}

function latentsOf(vae: Json, family: ModelKind['family']): LatentScale {
  const { scaling_factor: scale, shift_factor: shift } = vae;
  return {
    scale: typeof scale === 'number' ? scale : family === 'sdxl' ? 0.130_25 : 0.182_15,
    shift: typeof shift === 'number' ? shift : 0,
  };
}

interface Descriptions {
  readonly index: Json;
  readonly scheduler: Json | null;
  readonly unet: Json;
  readonly vae: Json;
}

async function readDescriptions(folder: string): Promise<Descriptions> {
  const vae = (await readJson(folder, 'vae_decoder/config.json')) ?? (await readJson(folder, 'vae/config.json'));
  return {
    index: (await readJson(folder, 'model_index.json')) ?? {},
    scheduler: await readJson(folder, 'scheduler/scheduler_config.json'),
    unet: (await readJson(folder, 'unet/config.json')) ?? {},
    vae: vae ?? {},
  };
}

async function readSizes(folder: string): Promise<Map<GraphPart, number>> {
  const sizes = new Map<GraphPart, number>();
  for (const part of graphParts) {
    const size = await sizeOfPart(folder, part);
    if (size !== null) sizes.set(part, size);
  }
  return sizes;
}

/** One tokenizer for each encoder; what is not there is added to `missing`. */
async function readTokenizers(folder: string, two: boolean, missing: string[]): Promise<ModelFolder['tokenizers'] | null> {
  const files = (name: string) => [`${name}/vocab.json`, `${name}/merges.txt`];
  const first = await readTokenizer(folder, 'tokenizer');
  const second = two ? await readTokenizer(folder, 'tokenizer_2') : null;
  if (first === null) missing.push(...files('tokenizer'));
  if (two && second === null) missing.push(...files('tokenizer_2'));
  if (first === null) return null;
  return second === null ? [first] : [first, second];
}

/**
 * Reads a model in the layout that diffusers and optimum write: one folder for each part.
 * @param name under which it is known, for the sentences to the person
 * @throws AppError MODEL_MISSING that names what is missing
 */
export async function readModelFolder(folder: string, name: string): Promise<ModelFolder> {
  const { index, scheduler, unet, vae } = await readDescriptions(folder);
  const sizes = await readSizes(folder);
  const two = sizes.has('text_encoder_2') || nameOfClass(index).includes('XL');
  const kind: ModelKind = { family: two ? 'sdxl' : 'sd', habit: habitOf(scheduler ?? {}, unet) };
  const needed: GraphPart[] = ['text_encoder', ...(two ? (['text_encoder_2'] as const) : []), 'unet', 'vae_decoder'];
  const missing = needed.filter((part) => !sizes.has(part)).map(graphFile);
  const tokenizers = await readTokenizers(folder, two, missing);
  if (scheduler === null) missing.push('scheduler/scheduler_config.json');
  if (missing.length > 0 || tokenizers === null || scheduler === null) throw incomplete(name, missing);
  return {
    kind,
    noise: readNoiseConfig(scheduler),
    scheduler: schedulerOfClass(scheduler['_class_name']),
    tokenizers,
    latents: latentsOf(vae, kind.family),
    silentNegative: two && index['force_zeros_for_empty_prompt'] !== false,
    sizes,
  };
}

function incomplete(name: string, missing: readonly string[]): AppError {
  const list = missing.join(', ');
  const place = `DATA_DIR/models/${name}`;
  return refusal(
    'MODEL_MISSING',
    {
      en: `The model ${name} is not complete. Missing in ${place}: ${list}.`,
      fa: `مدل ${name} کامل نیست. در ${isolated(place)} این‌ها نیست: ${isolated(list)}`,
      ar: `النموذج ${name} غير كامل. ينقص في ${isolated(place)}: ${isolated(list)}`,
    },
    { model: name, files: list },
  );
}
