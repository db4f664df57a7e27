import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type JobApp, startJobApp } from '../support/job-app.ts';

let world: JobApp;

beforeAll(async () => {
  world = await startJobApp();
});
afterAll(() => world.close());

describe('an attempt whose process goes wrong costs nobody else anything', () => {
  it.each([
    ['throws', 'failed', 'PLUGIN_FAILED', 1],
    ['refuses', 'failed', 'BAD_REQUEST', 1],
    ['floods', 'failed', 'PLUGIN_FAILED', 1],
  ])('%s ends as %s with %s after %i start', async (kind, status, code, attempts) => {
    const { id } = await world.submit(kind);
    expect(await world.ended(id)).toMatchObject({ status, attempts, error: { code } });
    await world.works();
  });

  it('one whose process is killed from outside is made again', async () => {
    const { id } = await world.submit('loops');
    await world.until(id, ({ progress }) => progress === 7);
    const busy = await hostsThatWork();
    for (const pid of busy) process.kill(pid, 'SIGKILL');
    await world.until(id, ({ status, attempts }) => status === 'running' && attempts === 2);
    await world.json(`/api/jobs/${id}`, { method: 'DELETE' });
    await world.works();
  });

  it('one that never says anything is ended and made again, three times', async () => {
    // With a server of its own: on a busy machine others, too, say nothing for so long.
    const hasty = await startJobApp({ env: { LIMIT_JOB_STALL_MS: '3000' } });
    try {
      const { id } = await hasty.submit('stuck');
      expect(await hasty.ended(id)).toMatchObject({ status: 'dead', attempts: 3, error: { code: 'WORK_TIMED_OUT' } });
      expect(await hasty.ended((await hasty.submit('steps')).id)).toMatchObject({ status: 'succeeded' });
    } finally {
      await hasty.close();
    }
  });

  it('one whose picture turned into a bomb on the disk ends', async () => {
    const file = await world.upload(
      await sharp({ create: { width: 9, height: 9, channels: 3, background: '#fff' } })
        .png()
        .toBuffer(),
    );
    const bomb = await sharp({ create: { width: 12_000, height: 12_000, channels: 3, background: '#000' } })
      .png({ compressionLevel: 9 })
      .toBuffer();
    const name = Buffer.from(file.id, 'base64url').toString('hex');
    const blobs = join(world.app.dataDir, 'blobs');
    const path = (await readdir(blobs, { recursive: true })).find((entry) => entry.includes(`${name}-original`)) ?? '';
    await writeFile(join(blobs, path), bomb);
    const { id } = await world.submit('sample-invert', { input: [file.id] });
    const end = await world.ended(id);
    expect(end).toMatchObject({ status: 'failed', error: { code: 'TOO_LARGE' }, attempts: 1, results: [] });
    await world.works();
  });
});

describe('a job whose process ends twice in the middle of it', () => {
  it('is dead, and the next job works', async () => {
    const { id } = await world.submit('exits');
    expect(await world.ended(id)).toMatchObject({ status: 'dead', attempts: 2, error: { code: 'WORKER_CRASHED' } });
    await world.works();
  });
});

/** Children of this process that have used the processor for a while: `loops` never stops. */
async function hostsThatWork(): Promise<number[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const busy: { pid: number; ticks: number }[] = [];
  for (const pid of pids) {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
    if (Number(fields[1]) === process.pid && command.includes('inference-host')) busy.push({ pid: Number(pid), ticks: Number(fields[11]) });
  }
  return busy
    .toSorted((a, b) => b.ticks - a.ticks)
    .slice(0, 1)
    .map(({ pid }) => pid);
}
