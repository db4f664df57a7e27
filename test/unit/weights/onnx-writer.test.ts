import { InferenceSession, Tensor } from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { writeOnnx } from '../../../src/infrastructure/weights/onnx-writer.ts';

describe('the writer of ONNX files', () => {
  it('writes a graph that the runtime loads and computes, with constants of every kind', async () => {
    const bytes = writeOnnx({
      name: 'every-kind',
      nodes: [
        { op: 'Cast', inputs: ['half'], outputs: ['whole'], attributes: { to: { int: 1 } } },
        { op: 'Mul', inputs: ['x', 'whole'], outputs: ['scaled'] },
        { op: 'Reshape', inputs: ['scaled', 'shape'], outputs: ['reshaped'] },
        { op: 'LeakyRelu', inputs: ['reshaped'], outputs: ['y'], attributes: { alpha: { float: 0.25 } } },
        {
          op: 'Constant',
          inputs: [],
          outputs: ['flag'],
          attributes: { value: { tensor: { name: '', type: 'bool', dims: [1], data: Uint8Array.of(1) } } },
        },
        { op: 'Transpose', inputs: ['y'], outputs: ['z'], attributes: { perm: { ints: [1, 0] } } },
      ],
      initializers: [
        { name: 'half', type: 'float16', dims: [], data: Uint16Array.of(0x4200) },
        { name: 'shape', type: 'int64', dims: [2], data: BigInt64Array.of(-1n, 2n) },
      ],
      inputs: [{ name: 'x', type: 'float32', shape: ['n'] }],
      outputs: [
        { name: 'z', type: 'float32', shape: [2, 'rows'] },
        { name: 'flag', type: 'bool', shape: [1] },
      ],
    });
    const session = await InferenceSession.create(bytes);
    const { z, flag } = await session.run({ x: new Tensor('float32', Float32Array.of(1, 2, -4, 8), [4]) });
    expect([...(z?.data ?? [])]).toEqual([3, -3, 6, 24]);
    expect(z?.dims).toEqual([2, 2]);
    expect([...(flag?.data ?? [])]).toEqual([1]);
    await session.release();
  });

  it('writes the same bytes for the same graph and refuses a constant that is too short', () => {
    const graph = (length: number) => ({
      name: 'g',
      nodes: [],
      initializers: [{ name: 'w', type: 'float32' as const, dims: [2], data: new Float32Array(length) }],
      inputs: [],
      outputs: [],
    });
    expect(Buffer.from(writeOnnx(graph(2))).equals(Buffer.from(writeOnnx(graph(2))))).toBe(true);
    expect(() => writeOnnx(graph(3))).toThrow('Tensor w: 3 values for the shape [2]');
  });
});
