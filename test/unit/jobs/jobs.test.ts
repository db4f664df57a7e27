import { afterEach, describe, expect, it } from 'vitest';
import { AppError } from '../../../src/lib/app-error.ts';
import { WorkerLostError } from '../../../src/lib/worker-lost-error.ts';
import { createJobWorld, type JobWorld, type JobWorldOptions } from '../../support/job-world.ts';

const worlds: JobWorld[] = [];

async function setup(options: JobWorldOptions = {}): Promise<JobWorld> {
  const world = await createJobWorld(options);
  worlds.push(world);
  await world.jobs.start(false);
  return world;
}

afterEach(async () => {
  for (const world of worlds.splice(0)) await world.close();
});

describe('a job', () => {
  it('is stored before it is queued, worked on, and ends with pictures, a message and a place in the gallery', async () => {
    const world = await setup();
    const input = await world.picture();
    await world.conversation();
    const job = await world.submit({ input: [input], conversationId: 'c1', params: { factor: 3 } });
    expect(job).toMatchObject({
      kind: 'test.copy',
      plugin: 'test',
      level: 'normal',
      params: { factor: 3 },
      input: [input],
    });
    expect((await world.row(job.id)).status).toMatch(/queued|running/);
    expect(world.messages).toMatchObject([
      { role: 'assistant', status: 'complete', parentId: null, parts: [{ type: 'job', jobId: job.id }] },
    ]);

    const run = await world.executor.next();
    expect(run.order).toMatchObject({
      jobId: job.id,
      kind: 'test.copy',
      plugin: 'test',
      params: { factor: 3 },
      level: 'normal',
      granted: { cpuThreads: 1 },
    });
    await world.until(job.id, ({ status }) => status === 'running');
    await run.succeed(1, { text: 'done', data: { 'a.b': 1 }, facts: { seed: 3, 'bad.key': 1 } });
    const ended = await world.until(job.id, ({ status }) => status === 'succeeded');
    expect(ended).toMatchObject({ progress: 100, text: 'done', seconds: 2, provider: 'cpu', attempts: 1 });
    expect(ended.data).toBeUndefined();
    expect((await world.jobs.get('ada', job.id)).data).toEqual({ 'a.b': 1 });
    const [result = ''] = ended.results;
    expect(ended.files.map(({ id }) => id).toSorted()).toEqual([input, result].toSorted());

    const shown = await world.messageOf(2);
    const provenance = {
      plugin: 'test',
      version: '1.0.0',
      kind: 'test.copy',
      model: 'copier',
      params: { factor: 3 },
      level: 'normal',
      seed: 3,
      provider: 'cpu',
      seconds: 2,
      sources: [input],
    };
    expect(shown?.parts).toMatchObject([{ type: 'job' }, { type: 'image', fileId: result, provenance }, { type: 'text', text: 'done' }]);
    expect((await world.jobs.gallery('ada', {})).items).toMatchObject([
      { id: job.id, file: { id: result }, provenance, sources: [{ id: input }], conversationId: 'c1' },
    ]);
    expect(world.kinds.outcomes).toEqual([['test.copy', 'succeeded']]);
  });

  it('is the same job when it is asked for twice, at once or later, and its id cannot be used for anything else', async () => {
    const world = await setup();
    const twice = await Promise.all([world.submit({ clientJobId: 'same' }), world.submit({ clientJobId: 'same' })]);
    expect(new Set(twice.map(({ id }) => id)).size).toBe(1);
    await expect(world.submit({ clientJobId: 'same', params: { factor: 4 } })).rejects.toMatchObject({ code: 'ID_REUSED' });
    expect((await world.submit({ clientJobId: 'same' }, 'eve')).id).not.toBe(twice[0].id);
  });

  it('of one person is nobody else’s', async () => {
    const world = await setup();
    const { id } = await world.submit();
    for (const call of ['get', 'cancel', 'preview'] as const)
      await expect(world.jobs[call]('eve', id)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    expect((await world.jobs.list('eve', {})).items).toEqual([]);
    const input = [await world.picture('eve')];
    await expect(world.submit({ input })).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await world.conversation('hers', 'eve');
    await expect(world.submit({ conversationId: 'hers' })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('tells its progress, which never falls within an attempt, at most four times a second, and its previews', async () => {
    const world = await setup();
    const { id } = await world.submit();
    const { events } = await world.executor.next();
    await world.until(id, ({ status }) => status === 'running');
    const before = world.told.length;
    for (let percent = 0; percent <= 50; percent += 1) {
      events.onProgress(percent, { en: 'tiles' });
      world.clock.advance(20);
    }
    events.onProgress(10, undefined);
    await world.pass(250);
    const told = world.told.slice(before).map(({ progress }) => progress ?? -1);
    expect(told.length).toBeLessThanOrEqual(6);
    expect(told).toEqual(told.toSorted((a, b) => a - b));
    expect(told.at(-1)).toBe(50);
    await expect(world.jobs.preview('ada', id)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    events.onPreview(Buffer.from('webp'));
    await world.pass(250);
    expect(world.told.at(-1)).toMatchObject({ preview: 1 });
    expect(Buffer.from(await world.jobs.preview('ada', id)).toString()).toBe('webp');
    const versions = world.told.filter((job) => job.id === id).map(({ version }) => version);
    expect(versions).toEqual([...new Set(versions)].toSorted((a, b) => a - b));
  });

  it('that was done before is served at once, and says so; one drawn by lot is drawn again', async () => {
    const world = await setup({ cache: new Map() });
    const input = [await world.picture()];
    const first = await world.submit({ input });
    await (await world.executor.next()).succeed(1);
    const { results } = await world.until(first.id, ({ status }) => status === 'succeeded');
    await world.pass(1000);
    expect(await world.submit({ input })).toMatchObject({ status: 'succeeded', cached: true, results, attempts: 0 });
    expect((await world.jobs.gallery('ada', {})).items.length).toBe(1);
    world.kinds.change({ configured: () => ({ network: 'another' }) });
    const set = await world.submit({ input });
    expect(set.cached).toBeUndefined();
    await (await world.executor.next()).succeed(1);
    await world.until(set.id, ({ status }) => status === 'succeeded');
    const other = await world.submit({ input, params: { factor: 8 } });
    await (await world.executor.next()).succeed(1, { facts: { seed: 7 } });
    await world.until(other.id, ({ status }) => status === 'succeeded');
    await world.pass(1000);
    expect((await world.submit({ input, params: { factor: 8 } })).cached).toBeUndefined();
  });
});

describe('an attempt that fails', () => {
  it('because its process crashed is tried once more, then the job is dead', async () => {
    const world = await setup();
    const { id } = await world.submit();
    (await world.executor.next()).fail(new WorkerLostError('crashed'));
    const again = await world.until(id, ({ status, retryAt }) => status === 'queued' && retryAt !== undefined);
    expect(Date.parse(again.retryAt ?? '') - world.clock.now()).toBe(2000);
    await world.pass(2000);
    (await world.executor.next()).fail(new WorkerLostError('memory'));
    expect(await world.until(id, ({ status }) => status === 'dead')).toMatchObject({ attempts: 2, error: { code: 'WORKER_CRASHED' } });
    await world.pass(120_000);
    expect(world.executor.runs.length).toBe(2);
    expect(world.wired.reasons().join()).toContain('given up: 1');
  });

  it('because it stalled is started three times, after at most 2 s and 10 s', async () => {
    const world = await setup();
    const { id } = await world.submit();
    for (const wait of [2000, 10_000, 0]) {
      (await world.executor.next()).fail(new WorkerLostError('stalled'));
      await world.until(id, ({ status }) => status === (wait === 0 ? 'dead' : 'queued'));
      await world.pass(wait);
    }
    expect(await world.jobs.get('ada', id)).toMatchObject({ status: 'dead', attempts: 3, error: { code: 'WORK_TIMED_OUT' } });
  });

  it.each(['IMAGE_UNREADABLE', 'BAD_REQUEST', 'TOO_LARGE', 'PLUGIN_FAILED'] as const)('with %s is the end', async (code) => {
    const world = await setup();
    const { id } = await world.submit();
    (await world.executor.next()).fail(new AppError(code));
    expect(await world.until(id, ({ status }) => status === 'failed')).toMatchObject({ attempts: 1, error: { code } });
    expect(world.kinds.outcomes).toEqual(code === 'PLUGIN_FAILED' ? [['test.copy', 'plugin-failed']] : []);
  });

  it('waits an even share of the time before the next', async () => {
    const world = await setup({ random: () => 0.25 });
    const { id } = await world.submit();
    (await world.executor.next()).fail(new WorkerLostError('crashed'));
    const { retryAt } = await world.until(id, (job) => job.retryAt !== undefined);
    expect(Date.parse(retryAt ?? '') - world.clock.now()).toBe(500);
  });

  it('is given up though its process never says so', async () => {
    const world = await setup({ deaf: true });
    const { id } = await world.submit();
    const { order } = await world.executor.next();
    expect(order).toMatchObject({ timeoutMs: 300_000, stallMs: 60_000 });
    await world.pass(321_000, 10_000);
    await world.until(id, ({ status, retryAt }) => status === 'queued' && retryAt !== undefined);
  });
});
