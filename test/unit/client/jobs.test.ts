import { describe, expect, it } from 'vitest';
import { createJobs } from '../../../public/app/state/jobs.ts';
import { createPendingJobs, type JobWish } from '../../../public/app/state/pending-jobs.ts';
import { RequestError } from '../../../public/app/state/request-error.ts';
import type { Job } from '../../../src/protocol/work-shapes.ts';
import { createFakeClock } from '../../support/client/fake-clock.ts';

function job(change: Partial<Job> = {}): Job {
  return {
    ...{ id: 'J1', clientJobId: 'C1', kind: 'upscale', plugin: 'upscale', status: 'queued', version: 1, progress: null },
    ...{ level: 'normal', params: {}, input: ['F1'], results: [], files: [], attempts: 0, createdAt: '2026-01-01T00:00:00.000Z' },
    ...change,
  };
}

/** A server that answers when the test says so. */
function server() {
  const asked: {
    method: string;
    path: string;
    body?: unknown;
    resolve: (value: unknown) => void;
    reject: (error: RequestError) => void;
  }[] = [];
  const call = (method: string) => (path: string, body?: unknown) =>
    new Promise<never>((resolve, reject) => {
      asked.push({ method, path, body, resolve: (value) => resolve(value as never), reject });
    });
  return { asked, rest: { get: call('GET'), post: call('POST'), remove: call('DELETE') } };
}

const settle = () => new Promise((resolve) => setImmediate(resolve));

function setup() {
  const { asked, rest } = server();
  const clock = createFakeClock();
  const jobs = createJobs({ rest });
  const here = new Set<string>();
  const reloaded: string[] = [];
  const pending = createPendingJobs({
    ...{ rest, jobs, clock, random: () => 1, newId: () => 'C1' },
    hasMessage: (_conversationId, messageId) => here.has(messageId),
    reload: (id) => reloaded.push(id),
  });
  const shown = (id = 'J1') => {
    const view = jobs.view(id).value;
    return view.state === 'ready' ? view.job : view.state;
  };
  return { asked, clock, jobs, pending, here, reloaded, shown };
}

describe('what is known of jobs', () => {
  it('has everything of a job once something shows what frames leave out, and asks for it once', async () => {
    const { jobs, asked, shown } = setup();
    const done = job({ version: 4, status: 'succeeded', text: 'words' });
    jobs.receive({ type: 'job.updated', job: done });
    jobs.wantWhole('J1');
    expect(asked.map(({ path }) => path)).toEqual(['/api/jobs/J1']);
    asked[0]?.resolve({ job: { ...done, data: { boxes: [] } } });
    await settle();
    expect(shown()).toMatchObject({ version: 4, data: { boxes: [] } });
    jobs.receive({ type: 'job.updated', job: done });
    jobs.wantWhole('J1');
    expect(shown()).toMatchObject({ data: { boxes: [] } });
    expect(asked).toHaveLength(1);
  });

  it('takes a higher version and nothing older', () => {
    const { jobs, shown } = setup();
    jobs.receive({ type: 'job.updated', job: job({ version: 3, status: 'running', progress: 40 }) });
    jobs.receive({ type: 'job.updated', job: job({ version: 2, status: 'running', progress: 10 }) });
    expect(shown()).toMatchObject({ version: 3, progress: 40 });
    jobs.receive({ type: 'job.updated', job: job({ version: 4, status: 'succeeded', progress: 100 }) });
    expect(shown()).toMatchObject({ status: 'succeeded' });
    expect([...jobs.open.value]).toEqual([]);
  });

  it('asks once for a job that a message shows and nobody has told of, and says when it is gone', async () => {
    const { jobs, asked, shown } = setup();
    jobs.want('J1');
    jobs.want('J1');
    expect(asked.map(({ path }) => path)).toEqual(['/api/jobs/J1']);
    asked[0]?.reject(new RequestError('NOT_FOUND'));
    await settle();
    expect(shown()).toBe('gone');
  });

  it('shows a cancelled job at once and takes that back when the server could not be reached', async () => {
    const { jobs, asked, shown } = setup();
    jobs.put(job({ version: 2, status: 'running', progress: 20 }));
    const cancelled = jobs.cancel('J1');
    expect(shown()).toMatchObject({ status: 'cancelled' });
    asked[0]?.reject(new RequestError('NETWORK'));
    await expect(cancelled).rejects.toMatchObject({ code: 'NETWORK' });
    expect(shown()).toMatchObject({ status: 'running', progress: 20 });
    expect([...jobs.open.value]).toEqual(['J1']);
  });

  it('shows the result of a job that ended before its cancelling arrived', async () => {
    const { jobs, asked, shown } = setup();
    jobs.put(job({ version: 2, status: 'running' }));
    const cancelled = jobs.cancel('J1');
    asked[0]?.reject(new RequestError('JOB_ENDED'));
    await settle();
    asked[1]?.resolve({ job: job({ version: 5, status: 'succeeded' }) });
    await cancelled;
    expect(shown()).toMatchObject({ status: 'succeeded' });
  });

  it('asks after a reconnect for what was open and is not any more, and tells that it ended', async () => {
    const { jobs, asked, shown } = setup();
    const ended: string[] = [];
    jobs.onEnd(({ id, status }) => ended.push(`${id} ${status}`));
    jobs.welcome([job()]);
    jobs.welcome([]);
    expect(asked.map(({ path }) => path)).toEqual(['/api/jobs/J1']);
    asked[0]?.resolve({ job: job({ version: 9, status: 'dead' }) });
    await settle();
    expect(shown()).toMatchObject({ status: 'dead' });
    expect(ended).toEqual(['J1 dead']);
  });
});

describe('a job that is on its way', () => {
  const wish: JobWish = { kind: 'upscale', input: ['F1'], params: { scale: '2' }, level: 'auto', conversationId: 'c1' };
  const placed = job({ conversationId: 'c1', messageId: 'm1' });

  it('stays shown until its message is here', async () => {
    const { pending, asked, jobs } = setup();
    pending.submit(wish, []);
    expect(asked[0]).toMatchObject({ method: 'POST', path: '/api/jobs', body: { ...wish, clientJobId: 'C1' } });
    asked[0]?.resolve({ job: placed });
    await settle();
    expect(pending.items.value).toMatchObject([{ id: 'C1', jobId: 'J1' }]);
    expect([...jobs.open.value]).toEqual(['J1']);
    const message = { id: 'm1', conversationId: 'c1', parentId: null, role: 'assistant', status: 'complete', createdAt: '' } as const;
    pending.receive({ type: 'message.created', message: { ...message, parts: [{ type: 'job', jobId: 'J1' }] } });
    expect(pending.items.value).toEqual([]);
  });

  it('goes at once when its message came before the answer, and reads the conversation again when none comes', async () => {
    const early = setup();
    early.here.add('m1');
    early.pending.submit(wish, []);
    early.asked[0]?.resolve({ job: placed });
    await settle();
    expect(early.pending.items.value).toEqual([]);
    const lost = setup();
    lost.pending.submit(wish, []);
    lost.asked[0]?.resolve({ job: placed });
    await settle();
    lost.clock.advance(10_000);
    expect(lost.pending.items.value).toEqual([]);
    expect(lost.reloaded).toEqual(['c1']);
  });

  it('is sent again with the same id when the server could not be reached, by itself and after a reconnect', async () => {
    const { pending, asked, clock } = setup();
    pending.submit(wish, []);
    asked[0]?.reject(new RequestError('NETWORK'));
    await settle();
    expect(pending.items.value).toMatchObject([{ state: 'late', error: { code: 'NETWORK' } }]);
    clock.advance(1000);
    expect(asked).toHaveLength(2);
    asked[1]?.reject(new RequestError('DRAINING'));
    await settle();
    pending.flush();
    expect(asked.map(({ body }) => (body as { clientJobId: string }).clientJobId)).toEqual(['C1', 'C1', 'C1']);
  });

  it('waits as long as a busy server asks for', async () => {
    const { pending, asked, clock } = setup();
    pending.submit(wish, []);
    asked[0]?.reject(new RequestError('OVERLOADED', '', { retryAfter: 30 }));
    await settle();
    clock.advance(29_000);
    expect(asked).toHaveLength(1);
    clock.advance(1000);
    expect(asked).toHaveLength(2);
  });

  it('keeps a refusal in sight with what it says, and sends nothing by itself', async () => {
    const { pending, asked, clock } = setup();
    pending.submit(wish, []);
    asked[0]?.reject(new RequestError('JOB_TOO_LARGE', '', { params: { maxWidth: 800, maxHeight: 600 } }));
    await settle();
    clock.advance(600_000);
    pending.flush();
    expect(asked).toHaveLength(1);
    expect(pending.items.value).toMatchObject([{ state: 'failed', error: { code: 'JOB_TOO_LARGE' } }]);
    pending.discard('C1');
    expect(pending.items.value).toEqual([]);
  });
});
