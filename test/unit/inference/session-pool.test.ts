import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InferenceSession } from 'onnxruntime-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SessionPool, type SessionPoolOptions } from '../../../src/infrastructure/inference/session-pool.ts';
import type { Tensor } from '../../../src/infrastructure/inference/session-types.ts';
import { writeOnnx } from '../../../src/infrastructure/weights/onnx-writer.ts';
import { makeTrialModel } from './trial-model.ts';

let directory: string;
let models: readonly { name: string; folder: string; graph: string }[];
const floats = (...values: number[]): Tensor => ({ type: 'float32', dims: [values.length], data: Float32Array.from(values) });

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'argus-pool-'));
  models = [{ name: 'scale', folder: await makeTrialModel(directory), graph: 'model.onnx' }];
});
afterAll(() => rm(directory, { recursive: true }));

/** The real runtime on the processor, that pretends to be on WebGPU where that is asked for, and counts. */
function pretending(onWebgpu: (session: InferenceSession) => InferenceSession) {
  const counts = { created: 0, released: 0 };
  const create: SessionPoolOptions['create'] = async (path, options) => {
    counts.created += 1;
    const session = await InferenceSession.create(path, { ...options, executionProviders: ['cpu'] });
    const release = session.release.bind(session);
    session.release = async () => {
      counts.released += 1;
      await release();
    };
    return options.executionProviders?.[0] === 'webgpu' ? onWebgpu(session) : session;
  };
  return { create, counts };
}

const failsAtRun = (session: InferenceSession): InferenceSession =>
  Object.assign(session, { run: () => Promise.reject(new Error('device lost at /dev/dri/card0')) });

describe('warm sessions', () => {
  it('are loaded once for each model, file, provider and number of threads', async () => {
    const { create, counts } = pretending((session) => session);
    const pool = new SessionPool({ providers: ['cpu'], create });
    const sessions = pool.forPlugin(models);
    pool.begin({ threads: 1 });
    const [first, second] = await Promise.all([sessions.open('scale'), sessions.open('scale')]);
    expect(first.inputs).toEqual([{ name: 'x', type: 'float32', shape: ['n'] }]);
    for (const session of [first, second]) expect((await session.run({ x: floats(1, 2) }))['y']).toEqual(floats(2, 4));
    expect(counts.created).toBe(1);
    await sessions.open('scale', { threads: 2 });
    pool.begin({ threads: 2 });
    await sessions.open('scale');
    expect(counts).toEqual({ created: 2, released: 0 });
    await pool.closeAll();
    expect(counts.released).toBe(2);
  });

  it('come back by themselves when they were closed in between', async () => {
    const { create, counts } = pretending((session) => session);
    const pool = new SessionPool({ providers: ['cpu'], create });
    const sessions = pool.forPlugin(models);
    const session = await sessions.open('scale');
    await sessions.close('other');
    await sessions.close('scale');
    expect((await session.run({ x: floats(3) }))['y']).toEqual(floats(6));
    expect(counts).toEqual({ created: 2, released: 1 });
    await pool.closeAll();
    expect(counts.released).toBe(2);
  });

  it('of earlier work make room before the memory of the work that runs is used up', async () => {
    const { create, counts } = pretending((session) => session);
    const pool = new SessionPool({ providers: ['cpu'], create });
    const sessions = pool.forPlugin(models);
    pool.begin({ threads: 1 });
    await sessions.open('scale');
    pool.begin({ threads: 2, memoryLimit: process.memoryUsage.rss() });
    await sessions.open('scale');
    expect(counts).toEqual({ created: 2, released: 1 });
    await pool.closeAll();
  });

  it('move to the next provider when theirs fails at run, and say so', async () => {
    const { create, counts } = pretending(failsAtRun);
    const told: unknown[] = [];
    const pool = new SessionPool({ providers: ['webgpu', 'cpu'], create, onProvider: (seen) => told.push(seen.provider) });
    const session = await pool.forPlugin(models).open('scale');
    expect([session.provider, session.providerReason]).toEqual(['webgpu', '']);
    expect((await session.run({ x: floats(1) }))['y']).toEqual(floats(2));
    const reason = 'webgpu: failed at run, device lost at card0.';
    expect([session.provider, session.providerReason, pool.used]).toEqual(['cpu', reason, 'cpu']);
    expect(pool.seen()).toEqual([{ model: 'scale', provider: 'cpu', reason }]);
    expect([told, counts]).toEqual([['webgpu', 'cpu'], { created: 2, released: 1 }]);
    await session.run({ x: floats(1) });
    expect(counts.created).toBe(2);
    await pool.closeAll();
  });

  it('stay where they are when the fault is in what was fed to them', async () => {
    const { create } = pretending((session) => session);
    const pool = new SessionPool({ providers: ['webgpu', 'cpu'], create });
    const session = await pool.forPlugin(models).open('scale');
    await expect(session.run({ wrong: floats(1) })).rejects.toThrow('x');
    await expect(session.run({ x: { type: 'int32', dims: [1], data: Int32Array.of(1) } })).rejects.toThrow('int32');
    expect([session.provider, pool.seen()[0]?.provider]).toEqual(['webgpu', 'webgpu']);
    await pool.closeAll();
  });

  it('look at the signal around each run, whatever the plugin does', async () => {
    const pool = new SessionPool({ providers: ['cpu'] });
    const stop = new AbortController();
    pool.begin({ threads: 1, signal: stop.signal });
    const session = await pool.forPlugin(models).open('scale');
    setImmediate(() => stop.abort(new Error('enough')));
    const runs = async () => {
      for (;;) await session.run({ x: floats(1) });
    };
    await expect(runs()).rejects.toThrow('enough');
    await pool.closeAll();
  });

  it('hand over every kind of value, and refuse a file outside of the model', async () => {
    const folder = join(directory, 'kinds');
    await mkdir(folder);
    const kinds = ['float32', 'float16', 'int64', 'int32', 'uint8', 'bool'] as const;
    const values = kinds.map((type) => ({ name: type, type, shape: [2] }));
    const bytes = writeOnnx({
      name: 'kinds',
      nodes: kinds.map((type) => ({ op: 'Identity', inputs: [type], outputs: [`${type}-out`] })),
      initializers: [],
      inputs: values,
      outputs: values.map((value) => ({ ...value, name: `${value.name}-out` })),
    });
    await writeFile(join(folder, 'kinds.onnx'), bytes);
    const pool = new SessionPool({ providers: ['cpu'] });
    const sessions = pool.forPlugin([{ name: 'kinds', folder, graph: 'kinds.onnx' }]);
    const session = await sessions.open('kinds');
    const feeds: Record<(typeof kinds)[number], Tensor> = {
      float32: floats(1, 2),
      float16: { type: 'float16', dims: [2], data: Uint16Array.of(0x3c00, 0x4000) },
      int64: { type: 'int64', dims: [2], data: BigInt64Array.of(1n, -2n) },
      int32: { type: 'int32', dims: [2], data: Int32Array.of(1, -2) },
      uint8: { type: 'uint8', dims: [2], data: Uint8Array.of(1, 255) },
      bool: { type: 'bool', dims: [2], data: Uint8Array.of(0, 1) },
    };
    const outputs = await session.run(feeds);
    for (const type of kinds) expect(outputs[`${type}-out`]).toEqual(feeds[type]);
    await expect(sessions.open('kinds', { file: '../scale-model/model.onnx' })).rejects.toThrow('outside');
    await pool.closeAll();
  });
});
