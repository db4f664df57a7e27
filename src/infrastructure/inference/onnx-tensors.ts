import { Tensor as OnnxTensor } from 'onnxruntime-node';
import type { Tensor, TensorType } from './session-types.ts';

keepHalvesAsBits();

/**
 * Newer Node has a Float16Array of its own. The JavaScript half of the runtime then takes nothing else, its native half cannot read it (measured with Node
 * 24: "not enough space: expected 4, got 0"). Which array it takes is decided with its first tensor, so that one is made while the name is out of sight.
 */
function keepHalvesAsBits(): void {
  const own = Object.getOwnPropertyDescriptor(globalThis, 'Float16Array');
  if (own === undefined) return;
  Reflect.deleteProperty(globalThis, 'Float16Array');
  try {
    void new OnnxTensor('uint8', new Uint8Array(1), [1]);
  } finally {
    Object.defineProperty(globalThis, 'Float16Array', own);
  }
}

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
      return new OnnxTensor('float16', tensor.data, dims);
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

const types: ReadonlySet<string> = new Set<TensorType>(['float32', 'float16', 'int64', 'int32', 'uint8', 'bool']);

export function isTensorType(type: string): type is TensorType {
  return types.has(type);
}
