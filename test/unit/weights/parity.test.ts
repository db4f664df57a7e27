import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { plainPortrait, testPicture } from './test-picture.ts';

const root = path.join(import.meta.dirname, '../../..');

describe('the converted networks beside TensorFlow.js', () => {
  it('gives the very pixels of the original for the draft of the upscaler', async () => {
    const session = await InferenceSession.create(path.join(root, 'plugins/upscale/weights/esrgan-slim-2x.onnx'), { intraOpNumThreads: 1 });
    const { output } = await session.run({ input: new Tensor('uint8', testPicture(24, 20), [1, 24, 20, 3]) });
    const recorded = await readFile(path.join(root, 'test/fixtures/weights/esrgan-slim-2x-tfjs.bin'));
    expect(output?.dims).toEqual([1, 48, 40, 3]);
    expect(output?.type).toBe('uint8');
    const furthest = Math.max(...recorded.map((value, index) => Math.abs(value - Number(output?.data[index]))));
    expect(furthest).toBeLessThanOrEqual(1);
    await session.release();
  });

  it('gives the matte of the original for the cut-out of people', async () => {
    const session = await InferenceSession.create(path.join(root, 'plugins/cutout/weights/selfie.onnx'), { intraOpNumThreads: 1 });
    const { output } = await session.run({ input: new Tensor('float32', plainPortrait(), [1, 256, 256, 3]) });
    const recorded = await readFile(path.join(root, 'test/fixtures/weights/selfie-tfjs.bin'));
    expect(output?.dims).toEqual([1, 256, 256, 1]);
    const furthest = Math.max(
      ...recorded.map((value, index) => {
        const place = (Math.floor(index / 64) * 4 + 2) * 256 + (index % 64) * 4 + 2;
        return Math.abs(value - 255 * Number(output?.data[place]));
      }),
    );
    expect(furthest).toBeLessThan(0.51);
    await session.release();
  });
});
