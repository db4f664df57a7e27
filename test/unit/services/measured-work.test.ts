import { describe, expect, it } from 'vitest';
import { AlertGenerator, ModelMonitor, type ProcessingFacts, ProcessingOptimizer, ThresholdManager } from '../../../src/core/index.ts';
import { AppError } from '../../../src/lib/app-error.ts';
import { silentLogger } from '../../../src/lib/logger.ts';
import { WorkerLostError } from '../../../src/lib/worker-lost-error.ts';
import type { JobEvents, JobOrder, JobOutcome } from '../../../src/services/ports/job-executor.ts';
import type { JobKind } from '../../../src/services/ports/job-kinds.ts';
import { createMeasuredWork } from '../../../src/services/processing/measured-work.ts';
import { createProcessingFactsStore, processingFactsCollection } from '../../../src/services/processing/processing-facts-store.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { createMemoryDocuments } from '../../support/memory-documents.ts';

const kind: JobKind = {
  kind: 'upscale',
  plugin: 'upscale',
  pluginVersion: '1.0.0',
  title: { en: 'Upscale' },
  input: { minPictures: 1, maxPictures: 1 },
  parseParams: (params) => params,
  levelFor: () => 'normal',
  estimate: ({ pictures }) => ({
    seconds: pictures[0]?.width ?? 1,
    memoryMb: 300,
    gpuMemoryMb: 0,
    cpuThreads: 2,
    models: ['esrgan'],
  }),
  isRepeatable: () => true,
  assertReady() {},
};
const task = { params: {}, level: 'normal' as const, pictures: [{ width: 4, height: 1 }] };
const order: JobOrder = {
  ...task,
  jobId: 'j1',
  kind: 'upscale',
  plugin: 'upscale',
  inputs: [],
  targetDirectory: '',
  granted: { memoryMb: 300, gpuMemoryMb: 0, cpuThreads: 2 },
  maxPixels: 1,
  timeoutMs: 1,
  stallMs: 1,
};

function setUp() {
  const clock = createFakeClock();
  const documents = createMemoryDocuments([processingFactsCollection], () => clock.now());
  const facts = createProcessingFactsStore(documents);
  const optimizer = new ProcessingOptimizer({ threads: 4, memoryMb: 100_000, machine: 'here' });
  const monitor = new ModelMonitor();
  const alerts = new AlertGenerator({ thresholds: new ThresholdManager(), clock, logger: silentLogger });
  const orders: JobOrder[] = [];
  let work: (order: JobOrder, events: JobEvents) => Promise<Partial<JobOutcome>> = async () => ({});
  const executor = {
    async run(given: JobOrder, told: JobEvents): Promise<JobOutcome> {
      orders.push(given);
      return { pictures: [], facts: {}, seconds: 12, peakMemoryMb: 200, provider: 'cpu', ...(await work(given, told)) };
    },
  };
  const kinds = { find: (name: string) => (name === 'upscale' ? kind : null) };
  const measured = createMeasuredWork({ kinds, executor, optimizer, monitor, alerts, facts, clock, logger: silentLogger });
  const events: JobEvents = { signal: new AbortController().signal, onStart() {}, onProgress() {}, onPreview() {} };
  return {
    ...{ clock, measured, orders, monitor, alerts, facts, documents, events },
    run: (given: Partial<JobOrder> = {}, with_: Partial<JobEvents> = {}) =>
      measured.executor.run({ ...order, ...given }, { ...events, ...with_ }),
    does(what: typeof work) {
      work = what;
    },
  };
}

describe('measured work', () => {
  it('estimates the next job by what the last ones took, also after a restart', async () => {
    const { measured, run, facts } = setUp();
    expect(measured.kinds.find('nothing')).toBeNull();
    expect(measured.kinds.find('upscale')?.estimate(task).seconds).toBe(4);
    for (let job = 0; job < 5; job += 1) await run();
    expect(measured.kinds.find('upscale')?.estimate(task).seconds).toBeCloseTo(12);
    const again = new ProcessingOptimizer({ threads: 4, memoryMb: 100_000, machine: 'here' });
    again.restore(await facts.load(10));
    const sort = { kind: 'upscale', version: '1.0.0', level: 'normal' as const };
    expect(again.estimate(sort, kind.estimate(task)).seconds).toBeCloseTo(12);
  });

  it('learns how long work takes from its beginning, not from the start of its process', async () => {
    const { clock, measured, run, does } = setUp();
    does(async (_order, { onStart }) => {
      clock.advance(60_000);
      onStart();
      clock.advance(2000);
      return { seconds: 62 };
    });
    let starts = 0;
    for (let job = 0; job < 3; job += 1) expect((await run({}, { onStart: () => void (starts += 1) })).seconds).toBe(62);
    expect(starts).toBe(3);
    expect(measured.kinds.find('upscale')?.estimate(task).seconds).toBeCloseTo(2);
  });

  it('tells the executor another way of working now and then, never more than was granted while others work', async () => {
    const { run, does, orders } = setUp();
    let go = () => {};
    const held = new Promise<void>((resolve) => {
      go = resolve;
    });
    does(async ({ jobId }) => {
      if (jobId === 'long') await held;
      return {};
    });
    const long = run({ jobId: 'long' });
    for (let job = 0; job < 60; job += 1) await run();
    expect(orders.some(({ granted }) => granted.cpuThreads === 1)).toBe(true);
    expect(Math.max(...orders.map(({ granted }) => granted.cpuThreads))).toBe(2);
    go();
    await long;
  });

  it('counts what goes wrong with a model, but neither a cancelled job nor a wrong picture', async () => {
    const { run, does, monitor, alerts } = setUp();
    const ends = async (error: Error, with_ = {}) => {
      does(() => Promise.reject(error));
      await expect(run({}, with_)).rejects.toBe(error);
    };
    await ends(new AppError('IMAGE_UNREADABLE'));
    await ends(new WorkerLostError('crashed'), { signal: AbortSignal.abort() });
    expect(monitor.collectMetrics('esrgan')).toBeNull();
    for (let job = 0; job < 4; job += 1) await ends(new WorkerLostError('memory'));
    await ends(new AppError('PLUGIN_FAILED'));
    expect(monitor.collectMetrics('esrgan')).toMatchObject({ runs: 5, failures: 5, lost: 4 });
    expect(alerts.reasons()).toEqual([
      'The model esrgan: 100 % of its latest runs failed.',
      'The model esrgan: 80 % of its latest runs lost their process.',
    ]);
  });

  it('leaves out stored facts that it cannot read', async () => {
    const { run, facts, documents } = setUp();
    await run();
    await documents.put(processingFactsCollection.name, { id: 'odd', at: 1, ways: 'none' } as { id: string });
    const read: readonly ProcessingFacts[] = await facts.load(10);
    expect(read.map((each) => each.kind)).toEqual(['upscale']);
  });
});
