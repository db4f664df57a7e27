import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { pathInside } from './path-inside.ts';

/** A constant of a TensorFlow.js model. Halves and quantised bytes are already widened. */
export type TfjsWeight =
  | { readonly type: 'float32'; readonly dims: readonly number[]; readonly data: Float32Array }
  | { readonly type: 'int32'; readonly dims: readonly number[]; readonly data: Int32Array }
  | { readonly type: 'bool'; readonly dims: readonly number[]; readonly data: Uint8Array };

export interface TfjsFiles {
  readonly topology: unknown;
  /** Of a graph model: which nodes are its inputs and outputs. */
  readonly signature: unknown;
  readonly weights: ReadonlyMap<string, TfjsWeight>;
}

const quantization = z.object({
  dtype: z.enum(['float16', 'uint8', 'uint16']),
  min: z.number().optional(),
  scale: z.number().optional(),
});
const weightEntry = z.object({
  name: z.string(),
  shape: z.array(z.number().int().nonnegative()),
  dtype: z.enum(['float32', 'int32', 'bool']),
  quantization: quantization.optional(),
});
type WeightEntry = z.infer<typeof weightEntry>;
const modelFile = z.object({
  modelTopology: z.unknown(),
  signature: z.unknown().optional(),
  weightsManifest: z.array(z.object({ paths: z.array(z.string()), weights: z.array(weightEntry) })),
});

/** The number that the bits of a half mean. */
export function numberFromHalf(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

function bytesPerValue(entry: WeightEntry): number {
  const stored = entry.quantization?.dtype ?? entry.dtype;
  if (stored === 'bool' || stored === 'uint8') return 1;
  return stored === 'float16' || stored === 'uint16' ? 2 : 4;
}

function widened(entry: WeightEntry, stored: DataView, count: number): number[] {
  const { dtype, min = 0, scale = 1 } = entry.quantization ?? { dtype: 'uint8' };
  return Array.from({ length: count }, (_, index) => {
    if (dtype === 'float16') return numberFromHalf(stored.getUint16(index * 2, true));
    return min + scale * (dtype === 'uint8' ? stored.getUint8(index) : stored.getUint16(index * 2, true));
  });
}

function weightFrom(entry: WeightEntry, bytes: Uint8Array): TfjsWeight {
  const dims = entry.shape;
  const count = dims.reduce((product, dim) => product * dim, 1);
  // A copy of its own: a shard may start its values at an odd address, and a Buffer's slice() would not copy.
  const own = Uint8Array.from(bytes);
  if (entry.quantization !== undefined) {
    const values = widened(entry, new DataView(own.buffer), count);
    if (entry.dtype === 'int32') return { type: 'int32', dims, data: Int32Array.from(values, Math.round) };
    return { type: 'float32', dims, data: Float32Array.from(values) };
  }
  if (entry.dtype === 'bool') return { type: 'bool', dims, data: own };
  if (entry.dtype === 'int32') return { type: 'int32', dims, data: new Int32Array(own.buffer, 0, count) };
  return { type: 'float32', dims, data: new Float32Array(own.buffer, 0, count) };
}

/**
 * Reads `model.json` and the shards that it names.
 * @throws Error when a shard lies outside the folder of the model or is too short
 */
export async function readTfjsFiles(modelPath: string): Promise<TfjsFiles> {
  const model = modelFile.parse(JSON.parse(await readFile(modelPath, 'utf8')));
  const folder = path.dirname(modelPath);
  const weights = new Map<string, TfjsWeight>();
  for (const group of model.weightsManifest) {
    const shards: Buffer[] = [];
    for (const shard of group.paths) shards.push(await readFile(pathInside(folder, shard)));
    const bytes = Buffer.concat(shards);
    let at = 0;
    for (const entry of group.weights) {
      const length = entry.shape.reduce((product, dim) => product * dim, 1) * bytesPerValue(entry);
      if (at + length > bytes.byteLength) throw new Error(`The file of weights ends before ${entry.name}`);
      weights.set(entry.name, weightFrom(entry, bytes.subarray(at, at + length)));
      at += length;
    }
  }
  return { topology: model.modelTopology, signature: model.signature, weights };
}
