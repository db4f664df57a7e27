import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createInferenceClient, type InferenceClient } from '../../../src/infrastructure/inference/inference-client.ts';
import type { WorkOrder, WorkOutcome } from '../../../src/infrastructure/inference/work-lane.ts';
import { type Clock, systemClock } from '../../../src/lib/clock.ts';
import { silentLogger } from '../../../src/lib/logger.ts';
import { makeTrialModel } from './trial-model.ts';

const folderUrl = new URL('../../fixtures/plugins/trial/', import.meta.url);
const MEBIBYTE = 1_048_576;
let directory: string;
let photo: string;
let model: string;
let count = 0;
let shared: InferenceClient;
const opened: InferenceClient[] = [];

function source(own: object = {}) {
  return {
    name: 'trial',
    version: '1.0.0',
    moduleUrl: new URL('plugin.ts', folderUrl).href,
    folder: fileURLToPath(folderUrl),
    config: {},
    models: [{ name: 'scale', folder: model, graph: 'model.onnx' }],
    ...own,
  };
}

function start(options: Partial<Parameters<typeof createInferenceClient>[0]> = {}): InferenceClient {
  const client = createInferenceClient({ logger: silentLogger, clock: systemClock, ...options });
  client.configure([source()]);
  opened.push(client);
  return client;
}

interface Told {
  readonly progress: (number | null)[];
  readonly notes: string[];
  readonly previews: Uint8Array[];
  started: number;
}

const silence = (): Told => ({ progress: [], notes: [], previews: [], started: 0 });

async function run(
  client: InferenceClient,
  kind: string,
  own: Partial<WorkOrder> = {},
  { signal, told = silence() }: { signal?: AbortSignal; told?: Told } = {},
): Promise<WorkOutcome & Told> {
  count += 1;
  const targetDirectory = join(directory, `job-${count}`);
  await mkdir(targetDirectory);
  const order: WorkOrder = {
    ...{ jobId: `job-${count}`, plugin: 'trial', kind, params: {}, level: 'normal', inputs: [], targetDirectory },
    ...{ granted: { memoryMb: 500, gpuMemoryMb: 0, cpuThreads: 1 }, maxPixels: 1_000_000, timeoutMs: 60_000, stallMs: 60_000 },
    // The one photograph of these tests.
    pictures: (own.inputs ?? []).map(() => ({ width: 600, height: 400 })),
    ...own,
  };
  const outcome = await client.run(order, {
    signal: signal ?? new AbortController().signal,
    onStart: () => void (told.started += 1),
    onProgress(percent, note) {
      told.progress.push(percent);
      if (note !== undefined) told.notes.push(note.en);
    },
    onPreview: (picture) => void told.previews.push(picture),
  });
  return { ...outcome, ...told };
}

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'argus-hosts-'));
  model = await makeTrialModel(directory);
  photo = join(directory, 'photo.png');
  await sharp({ create: { width: 600, height: 400, channels: 3, background: { r: 10, g: 20, b: 30 } } })
    .png()
    .toFile(photo);
  shared = start();
  opened.length = 0;
});
afterEach(async () => {
  for (const client of opened.splice(0)) await client.close();
});
afterAll(async () => {
  await shared.close();
  await rm(directory, { recursive: true });
});

describe('a job in its host', () => {
  it('goes from files to files, and tells its progress, previews, provider and peak', async () => {
    const result = await run(shared, 'scale', { inputs: [photo], level: 'deep' });
    expect(result).toMatchObject({ started: 1, text: 'on cpu', provider: 'cpu', data: { level: 'deep' }, facts: { gain: 2, threads: 1 } });
    expect(result.progress).toEqual([100]);
    const [picture] = result.pictures;
    expect(picture?.original).toMatchObject({ mime: 'image/png', width: 600, height: 400 });
    expect(picture?.thumb).toMatchObject({ mime: 'image/webp', width: 512 });
    const pixels = await sharp(await readFile(picture?.original.path ?? ''))
      .raw()
      .toBuffer();
    expect([...pixels.subarray(0, 3)]).toEqual([20, 40, 60]);
    expect((await sharp(result.previews[0]).metadata()).width).toBe(512);
    expect(result.peakMemoryMb).toBeGreaterThan(30);
    expect(shared.state().providers).toEqual([{ plugin: 'trial', model: 'scale', provider: 'cpu', reason: '' }]);
  });

  it('never tells a progress that falls, nor more than four a second', async () => {
    const { progress, notes, seconds } = await run(shared, 'steps', { params: { steps: 2000 } });
    expect(progress).toEqual(progress.toSorted((a, b) => Number(a) - Number(b)));
    expect(progress.length).toBeLessThanOrEqual(2 + 4 * seconds);
    expect(notes[0]).toBe('step 0');
  });

  it('refuses a result that is larger than allowed', async () => {
    await expect(run(shared, 'scale', { inputs: [photo], maxPixels: 1000 })).rejects.toMatchObject({ code: 'TOO_LARGE' });
    // A file that is no longer what was judged.
    const smaller = [{ width: 10, height: 10 }];
    await expect(run(shared, 'scale', { inputs: [photo], pictures: smaller })).rejects.toMatchObject({ code: 'TOO_LARGE' });
  });

  it('stays warm for the next job and is kept through what a plugin did wrong', async () => {
    const client = start();
    for (const kind of ['throws', 'rejects', 'floods'])
      await expect(run(client, kind)).rejects.toMatchObject({ code: 'PLUGIN_FAILED', params: { plugin: 'trial' } });
    await expect(run(client, 'refuses')).rejects.toMatchObject({ code: 'BAD_REQUEST', message: 'Give it another name.' });
    await expect(run(client, 'no-such-kind')).rejects.toMatchObject({ code: 'PLUGIN_FAILED' });
    expect((await run(client, 'steps')).text).toBe('done');
    expect(client.state().lanes.work).toMatchObject({ starts: 1, crashes: 0, hosts: [{ status: 'idle', plugin: 'trial', jobs: 6 }] });
  });

  it('keeps the words of a plugin for the operator, without paths', async () => {
    const error: unknown = await run(shared, 'throws').catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ message: expect.not.stringContaining('thrown'), cause: { message: 'thrown at file.ts with reason' } });
  });

  it('calls an error that nobody caught the plugin’s failure, not a crash', async () => {
    await expect(run(shared, 'escapes')).rejects.toMatchObject({ code: 'PLUGIN_FAILED', cause: { message: 'escaped' } });
    expect((await run(shared, 'steps')).text).toBe('done');
  });

  it('is lost when it takes 4 GB, ends its process or is killed, and the next one works', async () => {
    const client = start();
    await expect(run(client, 'hungry')).rejects.toMatchObject({ name: 'WorkerLostError', end: 'memory' });
    await expect(run(client, 'exits')).rejects.toMatchObject({ name: 'WorkerLostError', end: 'crashed' });
    const told = silence();
    const killed = expect(run(client, 'loops', {}, { told })).rejects.toMatchObject({ name: 'WorkerLostError', end: 'crashed' });
    await expect.poll(() => told.progress, { interval: 5, timeout: 15_000 }).toEqual([7]);
    process.kill(client.pids()[0] ?? 0, 'SIGKILL');
    await killed;
    expect((await run(client, 'steps')).text).toBe('done');
    expect(client.state().lanes.work).toMatchObject({ starts: 4, crashes: 3 });
  });

  it('is ended when it says nothing for too long or takes too long, however busy its loop', async () => {
    await expect(run(shared, 'loops', { stallMs: 700 })).rejects.toMatchObject({ end: 'stalled' });
    await expect(run(shared, 'loops', { timeoutMs: 700 })).rejects.toMatchObject({ end: 'timeout' });
  });

  it('stops between two steps when it is cancelled, and its host stays', async () => {
    // Nothing kills it: that it heard the cancel is what ends it, however late its turn comes on a busy machine.
    const client = start({ clock: { ...systemClock, after: () => () => {} } });
    await run(client, 'steps');
    const stop = new AbortController();
    const job = run(client, 'steps', { params: { steps: 100_000 } }, { signal: stop.signal });
    const refused = expect(job).rejects.toThrow('enough');
    await expect.poll(() => client.state().lanes.work.hosts[0]?.status, { interval: 5, timeout: 15_000 }).toBe('busy');
    stop.abort(new Error('enough'));
    await refused;
    expect((await run(client, 'steps')).text).toBe('done');
    expect(client.state().lanes.work.starts).toBe(1);
  });

  it('is killed within two seconds when it does not heed the cancel', async () => {
    const timers: { readonly ms: number; readonly act: () => void }[] = [];
    const after: Clock['after'] = (ms, act) => {
      timers.push({ ms, act });
      return () => {};
    };
    const client = start({ clock: { ...systemClock, after } });
    const stop = new AbortController();
    const told = silence();
    const job = run(client, 'loops', {}, { signal: stop.signal, told });
    const refused = expect(job).rejects.toThrow('enough');
    await expect.poll(() => told.progress, { interval: 5, timeout: 15_000 }).toEqual([7]);
    const [pid = 0] = client.pids();
    stop.abort(new Error('enough'));
    expect(timers.at(-1)?.ms).toBeLessThan(2000);
    timers.at(-1)?.act();
    await refused;
    expect(() => process.kill(pid, 0)).toThrow('ESRCH');
    expect(client.state().lanes.work.crashes).toBe(0);
  });

  it('names a model that cannot be read, and works with one that can', async () => {
    const broken = join(directory, 'broken');
    await mkdir(broken);
    await writeFile(join(broken, 'model.onnx'), Buffer.from('<html>not found</html>'));
    const client = start();
    client.configure([source({ models: [{ name: 'scale', folder: broken, graph: 'model.onnx' }] })]);
    await expect(run(client, 'scale', { inputs: [photo] })).rejects.toMatchObject({
      code: 'PLUGIN_FAILED',
      cause: { message: expect.stringContaining('The model scale cannot be loaded. cpu: ') },
    });
    client.configure([source()]);
    expect((await run(client, 'scale', { inputs: [photo] })).text).toBe('on cpu');
  });

  it('says why not on something faster', async () => {
    const client = start({ providers: ['cuda', 'cpu'] });
    expect((await run(client, 'scale', { inputs: [photo] })).text).toBe('on cpu');
    expect(client.state().providers[0]).toMatchObject({ provider: 'cpu', reason: expect.stringMatching(/^cuda: /) });
  });

  it('refuses what no plugin brings, and what comes after the end', async () => {
    const client = start();
    await expect(run(client, 'steps', { plugin: 'other' })).rejects.toMatchObject({ code: 'PLUGIN_DISABLED' });
    const job = run(client, 'stuck');
    const refused = expect(job).rejects.toMatchObject({ code: 'DRAINING' });
    await expect.poll(() => client.pids().length, { interval: 5, timeout: 15_000 }).toBe(1);
    await client.close();
    await refused;
    await expect(run(client, 'steps')).rejects.toMatchObject({ code: 'DRAINING' });
    expect(client.pids()).toEqual([]);
  });
});

describe('work hosts', () => {
  it('run jobs side by side, each in its own process, and end when they were idle, told beforehand', async () => {
    const timers = new Map<() => void, number>();
    const client = start({
      keepAliveMs: 4321,
      clock: {
        ...systemClock,
        now: () => 1000,
        after(ms, act) {
          timers.set(act, ms);
          return () => void timers.delete(act);
        },
      },
    });
    await Promise.all([run(client, 'steps'), run(client, 'steps')]);
    expect(client.state().lanes.work.hosts).toMatchObject([
      { status: 'idle', endsAt: 5321 },
      { status: 'idle', endsAt: 5321 },
    ]);
    expect(client.state().keepAliveMs).toBe(4321);
    expect([...timers.values()]).toEqual([4321, 4321]);
    for (const act of timers.keys()) act();
    expect(client.state().lanes.work.hosts).toEqual([]);
  });

  it('are replaced after their share of jobs, when the plugin changes, and when others need the memory', async () => {
    const client = start({ recycleAfter: 2, workBudget: 800 * MEBIBYTE });
    for (let index = 0; index < 3; index += 1) await run(client, 'steps');
    expect(client.state().lanes.work.starts).toBe(2);
    client.configure([source({ version: '1.0.1' })]);
    expect(client.state().lanes.work.hosts).toEqual([]);
    await run(client, 'steps');
    client.configure([source({ version: '1.0.1' }), source({ name: 'second', version: '2' })]);
    expect(client.state().lanes.work.hosts).toHaveLength(1);
    await run(client, 'steps', { plugin: 'second', granted: { memoryMb: 590, gpuMemoryMb: 0, cpuThreads: 1 } });
    expect(client.state().lanes.work.hosts).toMatchObject([{ plugin: 'second' }]);
  });
});
