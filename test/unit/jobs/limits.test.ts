import { setImmediate } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { AppError } from '../../../src/lib/app-error.ts';
import { WorkerLostError } from '../../../src/lib/worker-lost-error.ts';
import { filesCollection } from '../../../src/services/uploads/upload-rows.ts';
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

const outcome = async (work: Promise<unknown>) =>
  AppError.from(
    await work.then(
      () => null,
      (error: unknown) => error,
    ),
  );

describe('work that can never be done here', () => {
  it('is refused at once with what it would take and the largest size that would do', async () => {
    const world = await setup({ env: { LIMIT_JOB_MS: '10000' } });
    const input = [await world.picture('ada', { width: 4000, height: 3000 })];
    const refused = await outcome(world.submit({ input }));
    expect(refused).toMatchObject({ code: 'JOB_TOO_LARGE', params: { seconds: 12, memoryMb: 12 } });
    const { maxWidth, maxHeight } = refused.params;
    // 2x of it has to stay below 40 megapixels, and 10 s are 10 megapixels: the second is met first.
    expect(Number(maxWidth) * Number(maxHeight)).toBeGreaterThan(9.99e6);
    expect(Number(maxWidth) * Number(maxHeight)).toBeLessThanOrEqual(10e6);
    const fitting = [await world.picture('ada', { width: Number(maxWidth), height: Number(maxHeight) })];
    expect((await world.submit({ input: fitting })).status).not.toBe('failed');
    expect((await world.jobs.list('ada', {})).items.length).toBe(1);
  });

  it('says nothing of a size where none helps', async () => {
    const world = await setup();
    const estimate = { seconds: 1, memoryMb: 1_000_000, gpuMemoryMb: 0, cpuThreads: 1, models: [] };
    world.kinds.change({ estimate: () => estimate });
    const refused = await outcome(world.submit({ input: [await world.picture()] }));
    expect(refused).toMatchObject({ code: 'JOB_TOO_LARGE', params: { memoryMb: 1_000_000 } });
    expect(refused.params).not.toHaveProperty('maxWidth');
  });
});

it('parameters that would fill every telling of the job are refused', async () => {
  const world = await setup();
  world.kinds.change({ parseParams: (params) => ({ ...params }) });
  const most = 16 * 1024 - JSON.stringify({ text: '' }).length;
  expect(await outcome(world.submit({ params: { text: 'é'.repeat(most / 2 + 1) } }))).toMatchObject({
    code: 'BAD_REQUEST',
    params: { field: 'params' },
  });
  expect((await world.submit({ params: { text: 'e'.repeat(most) } })).status).not.toBe('failed');
});

describe('the queue', () => {
  it('holds so many jobs of one person and in all, and says when to come back', async () => {
    const world = await setup({ env: { LIMIT_JOBS_PER_USER: '2', LIMIT_JOBS: '3' } });
    await world.submit();
    await world.submit();
    const full = await outcome(world.submit());
    expect(full.code).toBe('QUEUE_FULL');
    expect(full.retryAfter).toBeGreaterThan(0);
    await world.submit({}, 'eve');
    expect((await outcome(world.submit({}, 'bob'))).code).toBe('QUEUE_FULL');
    await (await world.executor.next()).succeed();
    await world.until((await world.jobs.list('ada', {})).items.at(-1)?.id ?? '', ({ status }) => status === 'succeeded');
    await world.submit();
  });

  it('serves two people in turn, and says each its place', async () => {
    const world = await setup();
    for (const clientJobId of ['a1', 'a2', 'a3']) await world.submit({ clientJobId });
    await world.submit({ clientJobId: 'e1' }, 'eve');
    await world.pass(4000);
    expect(world.told.filter(({ clientJobId }) => clientJobId === 'a3').map(({ position }) => position)).toContain(3);
    const order: string[] = [];
    for (let turn = 0; turn < 4; turn += 1) {
      const run = await world.executor.next();
      order.push((await world.row(run.order.jobId)).clientJobId);
      await run.succeed(0);
    }
    expect(order).toEqual(['a1', 'e1', 'a2', 'a3']);
  });

  it('refuses while memory is short', async () => {
    const world = await setup();
    world.wired.guardWith(() => {
      throw new AppError('OVERLOADED', { retryAfter: 10 });
    });
    expect(await outcome(world.submit())).toMatchObject({ code: 'OVERLOADED', retryAfter: 10 });
  });
});

describe('a day', () => {
  it('has so many seconds of work for a person, those that wait included, until midnight', async () => {
    const world = await setup({ env: { LIMIT_JOB_SECONDS_PER_USER_PER_DAY: '3' } });
    await world.submit();
    await world.executor.next();
    world.clock.advance(2000);
    await world.executor.runs[0]?.succeed(0);
    await world.until((await world.jobs.list('ada', {})).items[0]?.id ?? '', ({ status }) => status === 'succeeded');
    while ((await world.documents.get('jobDays', 'ada.2026-01-01')) === null) await setImmediate();
    await world.submit();
    const refused = await outcome(world.submit());
    expect(refused).toMatchObject({ code: 'RATE_LIMITED', params: { scope: 'job-seconds', limit: 3 } });
    expect(refused.retryAfter).toBeGreaterThan(23 * 3600);
    await world.submit({}, 'eve');
  });
});

describe('results', () => {
  it('that have no room end the job, and leave no file', async () => {
    const world = await setup();
    const { id } = await world.submit();
    const run = await world.executor.next();
    const quota = await world.documents.get('fileQuotas', 'ada');
    expect(quota).toBeNull();
    await world.documents.insert('files', {
      id: 'big',
      ownerId: 'ada',
      bytes: 999_900,
      unusedSince: null,
      createdAt: 'x',
      variants: {},
    } as { id: string });
    await world.documents.insert('fileQuotas', { id: 'ada', bytes: 999_900 } as { id: string });
    await run.succeed(2);
    expect(await world.until(id, ({ status }) => status === 'failed')).toMatchObject({ error: { code: 'TOO_LARGE' }, results: [] });
    const files = await world.documents.find(filesCollection.name, { index: 'byOwner', where: { ownerId: 'ada' }, limit: 10 });
    expect(files.items.map((file) => file.id)).toEqual(['big']);
  });

  it('outlive the history of jobs in the gallery', async () => {
    const world = await setup({ env: { JOB_KEEP_DAYS: '1' } });
    const { id } = await world.submit({ input: [await world.picture()] });
    await (await world.executor.next()).succeed();
    const { results } = await world.until(id, ({ status }) => status === 'succeeded');
    await world.pass(1000);
    world.clock.advance(25 * 3600_000);
    expect(await world.jobs.sweep()).toBe(1);
    world.clock.advance(25 * 3600_000);
    await world.uploads.sweep();
    const { items } = await world.jobs.gallery('ada', {});
    expect(items.map(({ file, sources }) => [file.id, sources.length])).toEqual([[results[0], 0]]);
  });

  it('are counted: what waits, for how long, what runs, starts of each, and the dead', async () => {
    const world = await setup();
    const first = await world.submit();
    await world.submit();
    const valueOf = (name: string) => {
      const metric = world.metrics.collect().find((each) => each.name === name);
      return metric === undefined || metric.type === 'histogram' ? undefined : metric.samples.map(({ value }) => value);
    };
    (await world.executor.next()).fail(new WorkerLostError('crashed'));
    await world.until(first.id, ({ retryAt }) => retryAt !== undefined);
    await world.executor.next();
    expect(valueOf('jarvis_jobs_running')).toEqual([1]);
    await world.submit();
    world.clock.advance(5000);
    expect(valueOf('jarvis_jobs_queued')).toEqual([2]);
    expect(valueOf('jarvis_jobs_oldest_queued_seconds')).toEqual([5]);
    await world.executor.runs[1]?.succeed(0);
    for (let left = 2; left > 0; left -= 1) {
      const run = await world.executor.next();
      if (run.order.jobId === first.id) run.fail(new WorkerLostError('crashed'));
      else await run.succeed(0);
    }
    await world.until(first.id, ({ status }) => status === 'dead');
    await world.pass(30_000, 10_000);
    expect(valueOf('jarvis_job_starts_total')?.[0]).toBeGreaterThanOrEqual(3);
    expect(valueOf('jarvis_jobs_dead')).toEqual([1]);
    const starts = world.metrics.collect().find((each) => each.name === 'jarvis_job_starts');
    expect(starts?.type === 'histogram' && starts.samples[0]?.count).toBeGreaterThanOrEqual(2);
  });

  it('of many words are cut in lists, and whole where one job is asked for', async () => {
    const world = await setup();
    const { id } = await world.submit();
    await (await world.executor.next()).succeed(0, { text: 'w'.repeat(60_000), data: 'd'.repeat(200_000) });
    await world.until(id, ({ status }) => status === 'succeeded');
    const { items } = await world.jobs.list('ada', {});
    expect(JSON.stringify(items).length).toBeLessThan(4000);
    expect((await world.jobs.get('ada', id)).text?.length).toBe(60_000);
  });

  it('are said not to last where the disk is emptied with the next start', async () => {
    const world = await setup({ env: { DYNO: 'web.1' } });
    expect(world.wired.lasting).toBe(false);
    expect((await setup()).wired.lasting).toBe(true);
  });
});
