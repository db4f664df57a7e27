import sharp from 'sharp';
import { expect } from 'vitest';
import type { Job } from '../../src/protocol/index.ts';
import { fault, faultsRunWith } from './fault.ts';
import type { World } from './world.ts';

faultsRunWith({ JOB_CONCURRENCY: '1', INFERENCE_THREADS: '1' });

let asked = 0;

/** @param side of the picture in pixels: 20 are done at once, 1,000 keep one thread busy for a while */
async function submit(world: World, side: number, more: object = {}): Promise<Job> {
  asked += 1;
  const noise = { type: 'gaussian' as const, mean: 128, sigma: 30 };
  const png = await sharp({ create: { width: side, height: side, channels: 3, background: '#888', noise } })
    .png()
    .toBuffer();
  const { id } = await world.upload(png);
  const body = JSON.stringify({
    clientJobId: `fault-${asked}`,
    kind: 'upscale',
    level: 'quick',
    input: [id],
    params: { scale: '4' },
    ...more,
  });
  const response = await world.request('/api/jobs', { method: 'POST', body });
  expect(response.status).toBe(202);
  return ((await response.json()) as { job: Job }).job;
}

async function jobOf(world: World, id: string): Promise<Job> {
  return ((await (await world.request(`/api/jobs/${id}`)).json()) as { job: Job }).job;
}

/** A tab that is told of it, or the server says so already. */
async function until(world: World, id: string, matches: (job: Job) => boolean): Promise<Job> {
  const tab = await world.tab();
  const now = await jobOf(world, id);
  return matches(now) ? now : (await tab.waitFor('job.updated', ({ job }) => job.id === id && matches(job))).job;
}

async function cancel(world: World, id: string): Promise<void> {
  await world.request(`/api/jobs/${id}`, { method: 'DELETE' });
}

const runs = ({ status }: Job) => status === 'running';
const succeeded = ({ status }: Job) => status === 'succeeded';

fault(
  'J12',
  'killed with a running and a waiting job, both are there: one is tried again, both end',
  async (world) => {
    const long = await submit(world, 1000);
    await until(world, long.id, runs);
    const waiting = await submit(world, 20);
    expect((await jobOf(world, waiting.id)).status).toBe('queued');
    await world.kill();
    await world.start();
    expect(await jobOf(world, long.id)).toMatchObject({ results: [] });
    await until(world, waiting.id, succeeded);
    expect(await until(world, long.id, ({ attempts, status }) => attempts === 2 && status === 'running')).toMatchObject({ attempts: 2 });
    // The second start that ends with its process is the last one.
    await world.kill();
    await world.start();
    expect(await jobOf(world, long.id)).toMatchObject({ status: 'dead', attempts: 2, error: { code: 'WORKER_CRASHED' } });
    const next = await submit(world, 20, { params: { scale: '2' } });
    await until(world, next.id, succeeded);
  },
  120_000,
);

fault(
  'J11',
  'told to stop with a running job, the server puts it back uncounted and ends with 0',
  async (world) => {
    const long = await submit(world, 1000);
    await until(world, long.id, runs);
    expect(await world.terminate()).toBe(0);
    await world.start();
    const again = await until(world, long.id, runs);
    expect(again.attempts).toBe(1);
    await cancel(world, long.id);
    expect((await jobOf(world, long.id)).status).toBe('cancelled');
  },
  120_000,
);

fault(
  'J4',
  'asked again after a kill with the same id, the job is the same',
  async (world) => {
    const body = { clientJobId: 'before-and-after', params: { scale: '3' } };
    const first = await submit(world, 24, body);
    await world.kill();
    await world.start();
    const { input } = await jobOf(world, first.id);
    const again = JSON.stringify({ ...body, kind: 'upscale', level: 'quick', input });
    const response = await world.request('/api/jobs', { method: 'POST', body: again });
    expect(((await response.json()) as { jobId: string }).jobId).toBe(first.id);
    await until(world, first.id, succeeded);
    const { items } = (await (await world.request('/api/gallery')).json()) as { items: { id: string }[] };
    expect(items.filter(({ id }) => id === first.id).length).toBe(1);
  },
  120_000,
);
