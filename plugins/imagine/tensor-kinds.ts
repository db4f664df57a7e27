import type { ModelSession, Tensor, TensorInfo } from '#core';
import { floatsOf, halvesOf } from './half-floats.ts';

/** Numbers as the graph wants them: its own type, whatever the export chose. @throws Error for a type that holds no numbers */
export function tensorFor(info: TensorInfo, dims: readonly number[], values: Float32Array): Tensor {
  switch (info.type) {
    case 'float32':
      return { type: 'float32', dims, data: values };
    case 'float16':
      return { type: 'float16', dims, data: halvesOf(values) };
    case 'int64':
      return { type: 'int64', dims, data: BigInt64Array.from(values, (value) => BigInt(Math.round(value))) };
    case 'int32':
      return { type: 'int32', dims, data: Int32Array.from(values, Math.round) };
    default:
      throw new Error(`the input ${info.name} wants ${info.type}`);
  }
}

/** The numbers of an output. @throws Error when it is missing or holds no floats */
export function floatsOfTensor(tensor: Tensor | undefined, what: string): Float32Array {
  if (tensor?.type === 'float32') return tensor.data;
  if (tensor?.type === 'float16') return floatsOf(tensor.data);
  throw new Error(`${what} gave ${tensor === undefined ? 'nothing' : tensor.type}`);
}

/** The first output of a graph that has one alone, whatever it is called. */
export function firstOutput(session: ModelSession, outputs: Readonly<Record<string, Tensor>>): Tensor | undefined {
  return outputs[session.outputs[0]?.name ?? ''];
}

/** The first input of a graph. @throws Error when it has none */
export function firstInput(session: ModelSession): TensorInfo {
  const [input] = session.inputs;
  if (input === undefined) throw new Error(`${session.model} has a graph without inputs`);
  return input;
}

/** A dimension that the export fixed; null where it is open. */
export function fixedDim(info: TensorInfo, index: number): number | null {
  const dim = info.shape[index];
  return typeof dim === 'number' && dim > 0 ? dim : null;
}

/** The same values `times` times, one after another. */
export function repeated(values: Float32Array, times: number): Float32Array {
  if (times === 1) return values;
  const result = new Float32Array(values.length * times);
  for (let index = 0; index < times; index += 1) result.set(values, index * values.length);
  return result;
}
