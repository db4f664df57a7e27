// Tiles through the small upscaling network in a process that does nothing else: `bare-session.mjs <side of a tile> <threads>`.
import { join } from 'node:path';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { root } from '../../scripts/build-state.mjs';
import { serveCalls } from '../harness/child.mjs';

const [side, threads] = process.argv.slice(2).map(Number);
const session = await InferenceSession.create(join(root, 'plugins/upscale/weights/esrgan-slim-2x.onnx'), {
  executionProviders: ['cpu'],
  intraOpNumThreads: threads,
  logSeverityLevel: 3,
});
const [name] = session.inputNames;
const data = Uint8Array.from({ length: side * side * 3 }, (_, index) => (index * 7) % 256);
const feeds = { [name]: new Tensor('uint8', data, [1, side, side, 3]) };
await session.run(feeds);

serveCalls({
  /** @returns ms for so many tiles */
  async run(tiles) {
    const begun = performance.now();
    for (let tile = 0; tile < tiles; tile += 1) await session.run(feeds);
    return performance.now() - begun;
  },
});
