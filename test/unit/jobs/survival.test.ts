import { readdir } from 'node:fs/promises';
import { setImmediate } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { filesCollection } from '../../../src/services/uploads/upload-rows.ts';
import { createJobWorld, type JobWorld, type JobWorldOptions } from '../../support/job-world.ts';

const worlds: JobWorld[] = [];

async function setup(options: JobWorldOptions = {}): Promise<JobWorld> {
  const world = await createJobWorld(options);
  worlds.push(world);
  return world;
}

async function started(options: JobWorldOptions = {}, shared = false): Promise<JobWorld> {
  const world = await setup(options);
  await world.jobs.start(shared);
  return world;
}

/** Another process on the same store; the first one is not told. */
async function successorOf({ documents, clock, directory }: JobWorld, shared: boolean): Promise<JobWorld> {
  return started({ documents, clock, directory }, shared);
}

const filesOf = async ({ documents }: JobWorld, ownerId = 'ada') =>
  (await documents.find(filesCollection.name, { index: 'byOwner', where: { ownerId }, limit: 100 })).items.map(({ id }) => id);

afterEach(async () => {
  // The first one owns the folder.
  for (const world of worlds.splice(0).toReversed()) await world.close();
});

describe('cancelling', () => {
  it('ends a running job at once, stops its process, and what it still brings is thrown away', async () => {
    const world = await started({ deaf: true });
    const { id } = await world.submit();
    const run = await world.executor.next();
    await world.until(id, ({ status }) => status === 'running');
    expect(await world.jobs.cancel('ada', id)).toMatchObject({ status: 'cancelled' });
    expect(run.events.signal.aborted).toBe(true);
    await run.succeed();
    await world.pass(1000);
    expect(await world.jobs.get('ada', id)).toMatchObject({ status: 'cancelled', results: [] });
    expect(await filesOf(world)).toEqual([]);
    expect((await world.jobs.cancel('ada', id)).status).toBe('cancelled');
  });

  it('ends a waiting job, which never runs, and nothing that has ended', async () => {
    const world = await started();
    const first = await world.submit();
    const second = await world.submit();
    expect(second).toMatchObject({ status: 'queued', position: 1 });
    await world.jobs.cancel('ada', second.id);
    await (await world.executor.next()).succeed();
    await world.until(first.id, ({ status }) => status === 'succeeded');
    await world.pass(60_000);
    expect(world.executor.runs.length).toBe(1);
    await expect(world.jobs.cancel('ada', first.id)).rejects.toMatchObject({ code: 'JOB_ENDED' });
  });

  it('comes with the deletion of the conversation; when that is gone for good so are the jobs, and the gallery keeps its pictures', async () => {
    const world = await started();
    await world.conversation();
    const input = [await world.picture()];
    const made = await world.submit({ input, conversationId: 'c1' });
    await (await world.executor.next()).succeed();
    const { results } = await world.until(made.id, ({ status }) => status === 'succeeded');
    await world.pass(1000);
    const open = await world.submit({ conversationId: 'c1' });
    const elsewhere = await world.submit();
    await world.jobs.cancelIn('ada', 'c1');
    expect((await world.row(open.id)).status).toBe('cancelled');
    expect((await world.row(elsewhere.id)).open).toBe(true);
    await world.jobs.releaseConversation('ada', 'c1');
    await world.uploads.release('ada', 'c1');
    await expect(world.row(made.id)).rejects.toThrow('no job');
    await world.pass(1);
    world.clock.advance(25 * 3600_000);
    await world.uploads.sweep();
    expect(await filesOf(world)).toEqual(results);
    await world.jobs.removeFromGallery('ada', made.id);
    world.clock.advance(25 * 3600_000);
    await world.uploads.sweep();
    expect(await filesOf(world)).toEqual([]);
  });
});

describe('a server that stops in order', () => {
  it('puts a running job back at its place without counting the start, and takes nothing more', async () => {
    const world = await started();
    const { id } = await world.submit();
    const run = await world.executor.next();
    await world.until(id, ({ status }) => status === 'running');
    const drained = world.jobs.drain(5000);
    await expect(world.submit()).rejects.toMatchObject({ code: 'DRAINING' });
    await world.pass(4000);
    expect(run.events.signal.aborted).toBe(false);
    await world.pass(2000);
    await drained;
    expect(run.events.signal.aborted).toBe(true);
    expect(await world.row(id)).toMatchObject({ status: 'queued', attempts: 0, crashes: 0, leaseOwner: null });
    const next = await successorOf(world, false);
    await (await next.executor.next()).succeed();
    await next.until(id, ({ status }) => status === 'succeeded');
    expect(await next.row(id)).toMatchObject({ attempts: 1 });
  });

  it('lets a job that is nearly done end', async () => {
    const world = await started();
    const { id } = await world.submit();
    const run = await world.executor.next();
    const drained = world.jobs.drain(15_000);
    await run.succeed();
    await world.until(id, ({ status }) => status === 'succeeded');
    await drained;
  });
});

describe('a server that is killed', () => {
  it('finds its jobs at the next start: what waited runs, what ran is tried once more, and then is dead', async () => {
    let world = await started();
    const running = await world.submit();
    const waiting = await world.submit();
    await world.executor.next();
    await world.until(running.id, ({ status }) => status === 'running');
    const before = world.told.findLast(({ id }) => id === running.id)?.version ?? 0;
    world.clock.advance(1000);
    world = await successorOf(world, false);
    expect(await world.row(running.id)).toMatchObject({ attempts: 1, crashes: 1, status: 'queued' });
    expect((await world.jobs.get('ada', running.id)).version).toBeGreaterThan(before);
    expect((await world.executor.next()).order.jobId).toBe(waiting.id);
    await world.executor.runs[0]?.succeed();
    await world.pass(2000);
    expect((await world.executor.next()).order.jobId).toBe(running.id);
    await world.until(running.id, ({ status }) => status === 'running');
    world = await successorOf(world, false);
    expect(await world.row(running.id)).toMatchObject({ status: 'dead', attempts: 2, error: { code: 'WORKER_CRASHED' } });
    // The server died, not the plugin's process: that must not switch the plugin off.
    expect(world.kinds.outcomes).toEqual([]);
  });

  it('is known to be dead on a shared store only 45 s after its last sign of life; its late result is thrown away', async () => {
    const never = 1e9;
    const hung = { renewMs: never, saveMs: never, sweepMs: never, watchMs: never };
    const world = await started({ timings: hung }, true);
    const { id } = await world.submit();
    const late = await world.executor.next();
    await world.until(id, ({ status }) => status === 'running');
    const { attemptToken } = await world.row(id);
    const other = await successorOf(world, true);
    await other.pass(40_000, 10_000);
    expect(await world.row(id)).toMatchObject({ status: 'running', attemptToken });
    await other.pass(25_000);
    const again = await other.executor.next();
    expect((await world.row(id)).attempts).toBe(2);
    await late.succeed();
    while ((await readdir(world.directory)).filter((name) => name.startsWith('job-')).length > 1) await setImmediate();
    expect(await filesOf(world)).toEqual([]);
    expect((await world.row(id)).status).toBe('running');
    await again.succeed();
    const ended = await other.until(id, ({ status }) => status === 'succeeded');
    expect(await filesOf(world)).toEqual(ended.results);
  });

  it('does what belongs to an accepted or ended job at the next start', async () => {
    const world = await setup();
    await world.conversation();
    const { id } = await world.submit({ conversationId: 'c1' });
    const { messageId = '' } = await world.row(id);
    const operations = [
      { type: 'update', collection: 'messages', id: messageId, change: { set: { parts: [{ type: 'text', text: 'mended' }] } } },
    ];
    await world.documents.update('jobs', id, {
      set: { pending: JSON.stringify({ operations, refer: [] }), pendingSince: world.clock.now() },
    });
    await world.jobs.start(false);
    expect(await world.documents.get('messages', messageId)).toMatchObject({ parts: [{ text: 'mended' }] });
    expect((await world.row(id)).pending).toBeUndefined();
  });
});

describe('two processes on one store', () => {
  it('work on a job once, and either tells and cancels what the other does', async () => {
    const one = await started({}, true);
    const two = await successorOf(one, true);
    const { id } = await one.submit();
    await one.executor.next();
    await one.until(id, ({ status }) => status === 'running');
    expect(await two.jobs.open('ada')).toMatchObject([{ id, status: 'running' }]);
    await two.pass(60_000, 5000);
    expect(two.executor.runs).toEqual([]);
    await two.jobs.cancel('ada', id);
    await two.pass(2000);
    expect(one.executor.runs[0]?.events.signal.aborted).toBe(true);
    await one.until(id, ({ status }) => status === 'cancelled');
  });

  it('find a waiting row that is in no queue within a minute', async () => {
    const one = await started({}, true);
    const { id } = await one.submit();
    await one.until(id, ({ status }) => status === 'running');
    await one.documents.update('jobs', id, { set: { status: 'queued', attemptToken: null } });
    const two = await successorOf(one, true);
    await (await two.executor.next()).succeed();
    await two.until(id, ({ status }) => status === 'succeeded');
  });
});
