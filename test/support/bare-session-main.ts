import { InferenceSession, Tensor } from 'onnxruntime-node';

/** A model session in a process of its own, with nothing of ours around it. Says `ran` and then waits until its input ends. */
const [path = ''] = process.argv.slice(2);
const session = await InferenceSession.create(path);
await session.run({ x: new Tensor('float32', Float32Array.of(1, 2), [2]) });
process.stdout.write('ran\n');
process.stdin.resume();
process.stdin.on('end', () => void session.release());
