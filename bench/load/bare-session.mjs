// Tiles through the small upscaling network in a process that does nothing else: `node bare-session.mjs <tiles> <threads>`.
import { join } from 'node:path';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { root } from '../../scripts/build-state.mjs';

const [tiles, threads] = process.argv.slice(2).map(Number);
const SIDE = 128;
const session = await InferenceSession.create(join(root, 'plugins/upscale/weights/esrgan-slim-2x.onnx'), {
  executionProviders: ['cpu'],
  intraOpNumThreads: threads,
  logSeverityLevel: 3,
});
const [name] = session.inputNames;
const data = Uint8Array.from({ length: SIDE * SIDE * 3 }, (_, index) => (index * 7) % 256);
const feeds = { [name]: new Tensor('uint8', data, [1, SIDE, SIDE, 3]) };
await session.run(feeds);
const begun = performance.now();
for (let tile = 0; tile < tiles; tile += 1) await session.run(feeds);
console.log((tiles * SIDE * SIDE) / 1e6 / ((performance.now() - begun) / 1000));
