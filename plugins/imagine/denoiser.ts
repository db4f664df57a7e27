import type { ModelSession, PictureSize, Tensor, TensorInfo } from '#core';
import { isolated, refusal } from './refusal.ts';
import { firstOutput, fixedDim, floatsOfTensor, repeated, tensorFor } from './tensor-kinds.ts';
import type { Condition } from './text-encoding.ts';

export interface Denoiser {
  /** What the network answers for each condition. `sample`: 4 x height x width latents. */
  predict(sample: Float32Array, timestep: number, conditions: readonly Condition[]): Promise<Float32Array[]>;
}

export interface DenoiserOptions {
  /** Of the latents. */
  readonly size: PictureSize;
  /** What an LCM is told. */
  readonly guidance: number;
}

/** Latents have this many channels in all models of this kind. */
export const latentChannels = 4;

function inputNamed(session: ModelSession, name: string): TensorInfo | undefined {
  return session.inputs.find((input) => input.name === name);
}

/** Whether guidance is told to the network as a number, so that one pass is enough. */
export function hearsGuidance(session: ModelSession): boolean {
  return inputNamed(session, 'timestep_cond') !== undefined;
}

/** Size in latent pixels to which the export is bound; null where it takes any. */
export function boundSize(session: ModelSession): PictureSize | null {
  const sample = inputNamed(session, 'sample');
  if (sample === undefined) return null;
  const height = fixedDim(sample, 2);
  const width = fixedDim(sample, 3);
  return height === null || width === null ? null : { width, height };
}

/** A number as sines and cosines, as the network learned it: the guidance less one, times 1000. */
export function guidanceEmbedding(guidance: number, length: number): Float32Array {
  const half = Math.floor(length / 2);
  const result = new Float32Array(length);
  for (let index = 0; index < half; index += 1) {
    const angle = (guidance - 1) * 1000 * Math.exp((-Math.log(10_000) * index) / (half - 1));
    result[index] = Math.sin(angle);
    result[index + half] = Math.cos(angle);
  }
  return result;
}

/** The U-Net behind its own signature: what it wants to be told is read from it, type and rank included. */
export function createDenoiser(session: ModelSession, { size, guidance }: DenoiserOptions): Denoiser {
  const sampleInput = inputNamed(session, 'sample');
  if (sampleInput === undefined) throw new Error(`the U-Net of ${session.model} has no input named sample`);
  // Some exports are bound to a batch of two, the guided pair.
  const batch = fixedDim(sampleInput, 0) ?? 1;
  const timeIds = Float32Array.of(size.height * 8, size.width * 8, 0, 0, size.height * 8, size.width * 8);

  function feedFor(input: TensorInfo, sample: Float32Array, timestep: number, conditions: readonly Condition[]): Tensor {
    const rows = (values: readonly Float32Array[], dims: readonly number[]): Tensor => tensorFor(input, [batch, ...dims], joined(values));
    const [first] = conditions;
    switch (input.name) {
      case 'sample':
        return rows([repeated(sample, batch)], [latentChannels, size.height, size.width]);
      case 'timestep': {
        // A scalar in newer exports, one number for each of the batch in older ones.
        const dims = input.shape.length === 0 ? [] : [fixedDim(input, 0) ?? 1];
        return tensorFor(input, dims, repeated(Float32Array.of(timestep), dims[0] ?? 1));
      }
      case 'encoder_hidden_states':
        return rows(
          conditions.map(({ hidden }) => hidden),
          [first?.tokens ?? 0, first?.width ?? 0],
        );
      case 'text_embeds':
        return rows(conditions.map(pooledOf), [first === undefined ? 0 : pooledOf(first).length]);
      case 'time_ids':
        return rows([repeated(timeIds, batch)], [timeIds.length]);
      case 'timestep_cond': {
        const length = fixedDim(input, 1) ?? 256;
        return rows([repeated(guidanceEmbedding(guidance, length), batch)], [length]);
      }
      default:
        throw refusal('MODEL_MISSING', {
          en: `The U-Net of ${session.model} wants an input named ${input.name}: models of that kind are not known here.`,
          fa: `شبکهٔ ${session.model} ورودی ${isolated(input.name)} را می‌خواهد؛ مدل‌هایی از این گونه اینجا شناخته نیستند.`,
          ar: `تطلب شبكة ${session.model} المُدخل ${isolated(input.name)}؛ النماذج من هذا النوع غير معروفة هنا.`,
        });
    }
  }

  return {
    predict: async (sample, timestep, conditions) => {
      const answers: Float32Array[] = [];
      for (let from = 0; from < conditions.length; from += batch) {
        const asked = conditions.slice(from, from + batch);
        const filled = Array.from({ length: batch }, (_, index) => asked[Math.min(index, asked.length - 1)]).filter(
          (one) => one !== undefined,
        );
        const feeds = Object.fromEntries(session.inputs.map((input) => [input.name, feedFor(input, sample, timestep, filled)]));
        const output = floatsOfTensor(firstOutput(session, await session.run(feeds)), `the U-Net of ${session.model}`);
        for (const index of asked.keys()) answers.push(output.subarray(index * sample.length, (index + 1) * sample.length));
      }
      return answers;
    },
  };
}

function pooledOf({ pooled }: Condition): Float32Array {
  if (pooled === null) throw new Error('the U-Net wants text_embeds, which only a second text encoder gives');
  return pooled;
}

function joined(parts: readonly Float32Array[]): Float32Array {
  const [first] = parts;
  if (parts.length === 1 && first !== undefined) return first;
  const result = new Float32Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    result.set(part, at);
    at += part.length;
  }
  return result;
}
