import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeOnnx } from '../../../src/infrastructure/weights/onnx-writer.ts';

/** A graph y = 2x over any number of values. @returns the folder, which holds `model.onnx` */
export async function makeTrialModel(directory: string): Promise<string> {
  const folder = join(directory, 'scale-model');
  await mkdir(folder, { recursive: true });
  const bytes = writeOnnx({
    name: 'scale',
    nodes: [{ op: 'Mul', inputs: ['x', 'two'], outputs: ['y'] }],
    initializers: [{ name: 'two', type: 'float32', dims: [], data: Float32Array.of(2) }],
    inputs: [{ name: 'x', type: 'float32', shape: ['n'] }],
    outputs: [{ name: 'y', type: 'float32', shape: ['n'] }],
  });
  await writeFile(join(folder, 'model.onnx'), bytes);
  return folder;
}
