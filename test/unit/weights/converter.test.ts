import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { convertModel } from '../../../src/infrastructure/weights/convert-model.ts';
import { tinyGraph } from './tiny-graph.ts';
import { tinyLayersModel } from './tiny-model.ts';

/** What TensorFlow.js 4.22.0 (CPU) answers for `tinyGraph` and the input below; recorded as `test/fixtures/weights/README.md` says. */
const recorded = [
  0.469587, 0.117765, -0.276713, -0.542619, 0.572586, 0.376603, 0.138389, -0.028303, 0.560978, -0.138048, -0.40592, 0.321109, 0.606457,
  0.352533, -0.056412, -0.430473, 0.579351, 0.384928, 0.181147, 0.003201, 0.50013, -0.287066, -0.307199, 0.429793,
];
const input = Float32Array.from({ length: 36 }, (_, i) => Math.fround(Math.cos(i * 0.9)));
const order = { from: 'tfjs-graph', model: 'model.json', inputShape: [1, 3, 4, 3] } as const;

let root: string;
beforeAll(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'argus-converter-'));
});
afterAll(() => rm(root, { recursive: true, force: true }));

async function unpacked(name: string, model: string, weights: Buffer): Promise<string> {
  const folder = path.join(root, name);
  await mkdir(folder);
  await writeFile(path.join(folder, 'model.json'), model);
  await writeFile(path.join(folder, 'weights.bin'), weights);
  return folder;
}

describe('the converter of frozen graphs', () => {
  it('makes a graph that computes what TensorFlow.js computes, with sizes that the original works out by itself', async () => {
    const { model, weights } = tinyGraph();
    const session = await InferenceSession.create(await convertModel('tiny', await unpacked('tiny', model, weights), order));
    const { output } = await session.run({ input: new Tensor('float32', input, [1, 3, 4, 3]) });
    expect(output?.dims).toEqual([1, 2, 3, 4]);
    const furthest = Math.max(...recorded.map((value, i) => Math.abs(value - Number(output?.data[i]))));
    expect(furthest).toBeLessThan(2e-6);
    await session.release();
  });

  it('names what it does not know, what is missing, and what has to be stated', async () => {
    const { model, weights } = tinyGraph();
    const strange = await unpacked('strange', model.replace('"Tanh"', '"Erfinv"'), weights);
    await expect(convertModel('tiny', strange, order)).rejects.toThrow('Erfinv soft: The converter does not know the operation Erfinv');
    const short = await unpacked('short', model, weights.subarray(0, 400));
    await expect(convertModel('tiny', short, order)).rejects.toThrow('ends before k');
    const open = await unpacked('open', model, weights);
    await expect(convertModel('tiny', open, { from: 'tfjs-graph', model: 'model.json' })).rejects.toThrow(
      'the manifest has to state inputShape',
    );
  });

  it('reads no file outside of the package', async () => {
    const { model, weights } = tinyGraph();
    const folder = await unpacked('outside', model.replace('weights.bin', '../tiny/weights.bin'), weights);
    await expect(convertModel('tiny', folder, order)).rejects.toThrow('leads out of its folder');
    await expect(convertModel('tiny', folder, { ...order, model: '../tiny/model.json' })).rejects.toThrow('leads out of its folder');
  });
});

describe('the converter of Keras models', () => {
  it('takes and gives pixels, rounded and cut to bytes, or floats', async () => {
    const { model, weights } = tinyLayersModel();
    const folder = await unpacked('layers', model, weights);
    const layers = { from: 'tfjs-layers', model: 'model.json' } as const;
    const pixels = await InferenceSession.create(await convertModel('copy', folder, { ...layers, pixels: { range: 1 } }));
    const bytes = Uint8Array.of(0, 1, 2, 127, 254, 255);
    const { output } = await pixels.run({ input: new Tensor('uint8', bytes, [1, 1, 2, 3]) });
    expect(output?.dims).toEqual([1, 2, 4, 3]);
    expect([...(output?.data ?? [])].slice(0, 12).map(Number)).toEqual([0, 1, 2, 0, 1, 2, 127, 254, 255, 127, 254, 255]);
    await pixels.release();
    const floats = await InferenceSession.create(await convertModel('copy', folder, layers));
    const answer = await floats.run({ input: new Tensor('float32', Float32Array.of(-1, 0.5, 300), [1, 1, 1, 3]) });
    expect([...(answer['output']?.data ?? [])].slice(0, 3)).toEqual([-1, 0.5, 300]);
    await floats.release();
    const strange = await unpacked('strange-layers', model.replace('UpSampling2D', 'LSTM'), weights);
    await expect(convertModel('copy', strange, layers)).rejects.toThrow('layers of the kind LSTM');
  });
});
