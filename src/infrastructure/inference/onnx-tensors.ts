import { Tensor as OnnxTensor } from 'onnxruntime-node';
import type { Tensor, TensorType } from './session-types.ts';

/** The runtime takes and gives its own tensors; the values behind them are shared, never copied. */
export function toOnnx(tensors: Readonly<Record<string, Tensor>>): Record<string, OnnxTensor> {
  return Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [name, onnxOf(tensor)]));
}

function onnxOf(tensor: Tensor): OnnxTensor {
  const dims = [...tensor.dims];
  switch (tensor.type) {
    case 'float32':
      return new OnnxTensor('float32', tensor.data, dims);
    case 'float16':
      return new OnnxTensor('float16', halves(tensor.data), dims);
    case 'int64':
      return new OnnxTensor('int64', tensor.data, dims);
    case 'int32':
      return new OnnxTensor('int32', tensor.data, dims);
    case 'uint8':
      return new OnnxTensor('uint8', tensor.data, dims);
    case 'bool':
      return new OnnxTensor('bool', tensor.data, dims);
  }
}

/** @throws Error where the graph gives a type that the interface does not know */
export function fromOnnx(tensors: Readonly<Record<string, OnnxTensor>>): Record<string, Tensor> {
  return Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [name, tensorOf(tensor)]));
}

function tensorOf({ type, dims, data }: OnnxTensor): Tensor {
  if (type === 'float32' && data instanceof Float32Array) return { type, dims, data };
  if (type === 'int64' && data instanceof BigInt64Array) return { type, dims, data };
  if (type === 'int32' && data instanceof Int32Array) return { type, dims, data };
  if ((type === 'uint8' || type === 'bool') && data instanceof Uint8Array) return { type, dims, data };
  if (type === 'float16' && ArrayBuffer.isView(data)) {
    return { type, dims, data: new Uint16Array(data.buffer, data.byteOffset, data.byteLength / 2) };
  }
  throw new Error(`the graph gives values of the type ${type}, which is not supported`);
}

/** Newer Node has a Float16Array of its own, and then the runtime takes nothing else. The bits are the same. */
function halves(data: Uint16Array): Uint16Array {
  const own: unknown = Reflect.get(globalThis, 'Float16Array');
  if (typeof own !== 'function') return data;
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the types of this runtime say Uint16Array for every version of Node
  return Reflect.construct(own, [data.buffer, data.byteOffset, data.length]) as Uint16Array;
}

const types: ReadonlySet<string> = new Set<TensorType>(['float32', 'float16', 'int64', 'int32', 'uint8', 'bool']);

export function isTensorType(type: string): type is TensorType {
  return types.has(type);
}
