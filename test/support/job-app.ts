import { cp, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import { type Job, jobSchema, type StoredFile } from '../../src/protocol/index.ts';
import { startTestApp, type TestApp, type TestAppOptions } from './test-app.ts';

/** The whole server with its real hosts, the plugin `trial` that goes wrong in every way, `sample`, and Ada. */
export async function startJobApp(options: Pick<TestAppOptions, 'env'> = {}) {
  // Below the root, where `#core` means something; in a folder that git leaves alone.
  await mkdir('dist', { recursive: true });
  const pluginsFolder = await mkdtemp('dist/test-plugins-');
  await cp('test/fixtures/plugins/trial', join(pluginsFolder, 'trial'), { recursive: true });
  await cp('test/fixtures/plugin-sets/good/sample', join(pluginsFolder, 'sample'), { recursive: true });
  const env = { JOB_CONCURRENCY: '1', ...options.env };
  const app = await startTestApp({ pluginsFolder, env, jobTimings: { backoffMs: [1, 1, 1] } });
  const ada = await app.signup();
  let asked = 0;

  async function json<T>(path: string, init: Parameters<TestApp['request']>[1] = {}): Promise<{ status: number; body: T }> {
    const response = await app.request(path, { token: ada.token, ...init });
    return { status: response.status, body: (await response.json()) as T };
  }

  async function submit(kind: string, more: object = {}): Promise<Job> {
    asked += 1;
    const body = JSON.stringify({ clientJobId: `j${asked}`, kind, ...more });
    const answer = await json<{ jobId: string; job: Job }>('/api/jobs', { method: 'POST', body });
    const self = `/api/jobs/${answer.body.jobId}`;
    const position = answer.body.job.position ?? 0;
    expect(answer).toMatchObject({ status: 202, body: { position, durability: 'durable', links: { self, cancel: self } } });
    return jobSchema.strict().parse(answer.body.job);
  }

  const until = async (id: string, matches: (job: Job) => boolean) =>
    (await ada.client.waitFor('job.updated', ({ job }) => job.id === id && matches(job))).job;
  const ended = (id: string) => until(id, ({ status }) => !['queued', 'running'].includes(status));

  return {
    app,
    ada,
    json,
    submit,
    until,
    ended,
    async upload(data: Buffer): Promise<StoredFile> {
      const form = new FormData();
      form.append('file', new Blob([Uint8Array.from(data)], { type: 'image/png' }), 'photo.png');
      return (await json<{ file: StoredFile }>('/api/uploads', { method: 'POST', body: form })).body.file;
    },
    /** The next job does what it should. */
    async works(): Promise<void> {
      // Never the same work twice: that would be served without a process.
      const { id } = await submit('steps', { params: { steps: asked + 1 } });
      expect(await ended(id)).toMatchObject({ status: 'succeeded', text: 'done', attempts: 1 });
    },
    async close(): Promise<void> {
      await app.close();
      await rm(pluginsFolder, { recursive: true, force: true });
    },
  };
}

export type JobApp = Awaited<ReturnType<typeof startJobApp>>;
