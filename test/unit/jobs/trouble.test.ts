import { afterEach, describe, expect, it } from 'vitest';
import { AppError } from '../../../src/lib/app-error.ts';
import type { DocumentStore } from '../../../src/lib/document-store.ts';
import { StoreUnavailableError } from '../../../src/lib/store-errors.ts';
import { WorkerLostError } from '../../../src/lib/worker-lost-error.ts';
import { conversationsCollection } from '../../../src/services/conversations/conversation-record.ts';
import { fileReferencesCollection, filesCollection } from '../../../src/services/uploads/upload-rows.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { createJobWorld, type JobWorld, type JobWorldOptions, jobWorldCollections } from '../../support/job-world.ts';
import { createMemoryDocuments } from '../../support/memory-documents.ts';

const worlds: JobWorld[] = [];

async function setup(options: JobWorldOptions = {}): Promise<JobWorld> {
  const world = await createJobWorld(options);
  worlds.push(world);
  await world.jobs.start(false);
  return world;
}

afterEach(async () => {
  for (const world of worlds.splice(0).toReversed()) await world.close();
});

/** A store whose calls fail while `fails` says so. */
function faultyStore() {
  const clock = createFakeClock();
  const inner = createMemoryDocuments(jobWorldCollections, () => clock.now());
  let fails: (method: string, collection: unknown) => Error | null = () => null;
  const documents: DocumentStore = new Proxy(inner, {
    get(target, name, receiver) {
      const member: unknown = Reflect.get(target, name, receiver);
      if (typeof member !== 'function') return member;
      return (...args: unknown[]) => {
        const error = fails(String(name), args[0]);
        return error === null ? Reflect.apply(member, target, args) : Promise.reject(error);
      };
    },
  });
  return { clock, documents, fail: (when: typeof fails) => void (fails = when) };
}

const estimateOf = (seconds: number, memoryMb = 1) => ({ seconds, memoryMb, gpuMemoryMb: 0, cpuThreads: 1, models: [] });

describe('the store', () => {
  it('that never takes the end of an attempt lets the job go on when its lease has ended', async () => {
    const { clock, documents, fail } = faultyStore();
    const world = await setup({ clock, documents });
    const { id } = await world.submit();
    const run = await world.executor.next();
    await world.until(id, ({ status }) => status === 'running');
    fail((method, collection) => (method === 'update' && collection === 'jobs' ? new Error('spoilt') : null));
    run.fail(new WorkerLostError('crashed'));
    await world.pass(5000);
    fail(() => null);
    expect((await world.row(id)).status).toBe('running');
    await world.pass(90_000, 5000);
    await (await world.executor.next()).succeed();
    expect(await world.until(id, ({ status }) => status === 'succeeded')).toMatchObject({ attempts: 2 });
  });

  it('that is away for a moment while a job is taken up ends no job', async () => {
    const { clock, documents, fail } = faultyStore();
    const world = await setup({ clock, documents });
    await world.submit();
    await world.executor.next();
    const { id } = await world.submit({ input: [await world.picture()] });
    // The next process, which finds the store half awake.
    const next = await createJobWorld({ clock, documents, directory: world.directory });
    worlds.push(next);
    fail((_method, collection) => (collection === filesCollection.name ? new StoreUnavailableError() : null));
    await expect(next.jobs.start(false)).rejects.toThrow(StoreUnavailableError);
    fail(() => null);
    expect((await next.row(id)).status).toBe('queued');
    await next.jobs.start(false);
    const run = await next.executor.next();
    expect(run.order.jobId).toBe(id);
    await run.succeed(0);
    await next.until(id, ({ status }) => status === 'succeeded');
  });
});

describe('a row', () => {
  it('that nothing can be done with keeps no server from starting, and no other job from being done', async () => {
    const { clock, documents } = faultyStore();
    const world = await setup({ clock, documents });
    const first = await world.submit();
    await world.executor.next();
    const second = await world.submit();
    await documents.update('jobs', first.id, { set: { pending: 'spoilt', pendingSince: clock.now() } });
    const next = await setup({ clock, documents, directory: world.directory });
    const run = await next.executor.next();
    expect(run.order.jobId).toBe(second.id);
    await run.succeed(0);
    await next.until(second.id, ({ status }) => status === 'succeeded');
  });
});

describe('a conversation', () => {
  it('that is deleted while a job is accepted in it takes no job', async () => {
    const { clock, documents, fail } = faultyStore();
    const world = await setup({ clock, documents });
    await world.conversation();
    const input = [await world.picture()];
    let deleted: Promise<unknown> | null = null;
    fail((method) => {
      if (method === 'batch') deleted ??= documents.update(conversationsCollection.name, 'c1', { set: { state: 'deleted' } });
      return null;
    });
    await expect(world.submit({ input, conversationId: 'c1' })).rejects.toMatchObject({ code: 'NOT_FOUND' });
    const { items } = await documents.find(fileReferencesCollection.name, { index: 'byFile', where: { fileId: input[0] ?? '' }, limit: 9 });
    expect(items).toEqual([]);
    expect(deleted).not.toBeNull();
    expect((await world.jobs.list('ada', {})).items).toEqual([]);
    expect(world.executor.runs).toEqual([]);
  });
});

describe('a plugin', () => {
  it('whose estimate throws after the job was stored ends it once, and nobody is told of it as waiting after that', async () => {
    const world = await setup();
    let calls = 0;
    world.kinds.change({
      estimate: () => {
        calls += 1;
        if (calls > 1) throw new AppError('PLUGIN_FAILED');
        return estimateOf(1);
      },
    });
    const job = await world.submit();
    expect(job).toMatchObject({ status: 'failed', error: { code: 'PLUGIN_FAILED' } });
    await world.pass(5000);
    expect(world.told.filter(({ id }) => id === job.id).map(({ status }) => status)).toEqual(['failed']);
  });

  it('that needs more memory than there is after an attempt ends that job, not the server', async () => {
    const world = await setup();
    const { id } = await world.submit();
    const run = await world.executor.next();
    world.kinds.change({ estimate: () => estimateOf(1, 1_000_000) });
    run.fail(new WorkerLostError('memory'));
    expect(await world.until(id, ({ status }) => status === 'failed')).toMatchObject({ error: { code: 'JOB_TOO_LARGE' } });
    await world.pass(5000);
  });

  it('may take five minutes for short work that goes on, and three times its estimate for longer', async () => {
    const world = await setup();
    await world.submit();
    const short = await world.executor.next();
    expect(short.order).toMatchObject({ timeoutMs: 300_000, stallMs: 60_000 });
    await short.succeed(0);
    world.kinds.change({ estimate: () => estimateOf(200) });
    await world.submit();
    expect((await world.executor.next()).order).toMatchObject({ timeoutMs: 600_000, stallMs: 60_000 });
  });
});

describe('what people are told', () => {
  it('of the time is when a job will end: the rest of what runs, and its own once', async () => {
    const world = await setup();
    world.kinds.change({ estimate: () => estimateOf(100) });
    await world.submit();
    await world.executor.next();
    expect(await world.submit()).toMatchObject({ position: 1, etaSeconds: 200 });
    expect(await world.submit()).toMatchObject({ position: 2, etaSeconds: 300 });
  });

  it('of the time is put right when what runs takes longer, and not more often than that', async () => {
    const world = await setup();
    world.kinds.change({ estimate: () => estimateOf(100) });
    await world.submit();
    await world.executor.next();
    const { id } = await world.submit();
    const told = () => world.told.filter((job) => job.id === id).length;
    const before = told();
    await world.pass(90_000, 2000);
    expect(told()).toBe(before);
    await world.pass(210_000, 2000);
    const last = world.told.findLast((job) => job.id === id);
    expect(last).toMatchObject({ status: 'queued', position: 1 });
    // The rest of what runs is taken to be a tenth of its 300 s.
    expect(last?.etaSeconds).toBeGreaterThan(105);
    expect(told() - before).toBeLessThan(20);
  });

  it('of a full queue is when a place of their own is free, not when somebody else has one', async () => {
    const world = await setup({ env: { LIMIT_JOBS_PER_USER: '1', LIMIT_JOBS: '3' } });
    world.kinds.change({ estimate: () => estimateOf(100) });
    await world.submit({}, 'eve');
    await world.executor.next();
    await world.submit();
    await expect(world.submit()).rejects.toMatchObject({ code: 'QUEUE_FULL', retryAfter: 200 });
    await world.submit({}, 'bob');
    await expect(world.submit({}, 'cleo')).rejects.toMatchObject({ code: 'QUEUE_FULL', retryAfter: 100 });
  });

  it('goes on when the clock is set back, and what waits for its next try waits no longer for it', async () => {
    const world = await setup();
    const { id } = await world.submit();
    const run = await world.executor.next();
    await world.until(id, ({ status }) => status === 'running');
    run.events.onProgress(10, undefined);
    world.clock.setBack(3_600_000);
    run.events.onProgress(20, undefined);
    await world.pass(250, 250);
    expect(world.told.at(-1)).toMatchObject({ progress: 20 });
    const versions = world.told.filter((job) => job.id === id).map(({ version }) => version);
    expect(versions).toEqual([...new Set(versions)].toSorted((a, b) => a - b));
    run.fail(new WorkerLostError('crashed'));
    await world.until(id, ({ status }) => status === 'queued');
    world.clock.setBack(3_600_000);
    await world.jobs.drain(0);
    const next = await setup({ clock: world.clock, documents: world.documents, directory: world.directory });
    await next.pass(60_000, 5000);
    await (await next.executor.next()).succeed(0);
    await next.until(id, ({ status }) => status === 'succeeded');
  });

  it('of the end is newer than what a killed process told by a clock that was ahead', async () => {
    const world = await setup({ timings: { saveMs: 1e9, renewMs: 1e9 } });
    const { id } = await world.submit();
    const run = await world.executor.next();
    await world.until(id, ({ status }) => status === 'running');
    world.clock.advance(100_000);
    run.events.onProgress(10, undefined);
    const told = world.told.at(-1)?.version ?? 0;
    expect(told).toBeGreaterThan(1000);
    world.clock.setBack(100_000);
    const next = await setup({ clock: world.clock, documents: world.documents, directory: world.directory });
    await next.pass(3000);
    await (await next.executor.next()).succeed(0);
    expect((await next.until(id, ({ status }) => status === 'succeeded')).version).toBeGreaterThan(told);
  });
});
