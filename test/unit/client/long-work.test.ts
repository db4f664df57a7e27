import { signal } from '@preact/signals';
import { describe, expect, it } from 'vitest';
import { type DoneWork, watchLongWork } from '../../../public/app/notify/long-work.ts';
import { noticeOf } from '../../../public/app/notify/notice-of.ts';
import type { RunningGeneration } from '../../../public/app/state/generation.ts';
import type { I18n } from '../../../public/app/state/i18n.ts';
import type { Message } from '../../../src/protocol/shapes.ts';
import type { Job } from '../../../src/protocol/work-shapes.ts';
import { createFakeClock } from '../../support/client/fake-clock.ts';

const start = 1_000_000;
const message = (status: Message['status']): Message => ({
  ...{ id: 'm1', conversationId: 'c1', parentId: null, role: 'assistant', status, createdAt: '' },
  parts: [{ type: 'text', text: `**The** answer ${'and more '.repeat(40)}` }],
});
const one: RunningGeneration = { generationId: 'g1', conversationId: 'c1', messageId: 'm1', phase: { state: 'writing' } };
const job = (createdAt: number, status: Job['status'] = 'succeeded'): Job => ({
  ...{ id: 'j1', clientJobId: 'k1', kind: 'upscale', plugin: 'upscale', status, version: 3, progress: 100 },
  ...{ level: 'normal', params: {}, input: [], results: [], files: [], attempts: 1 },
  createdAt: new Date(createdAt).toISOString(),
});

function setup() {
  const clock = createFakeClock(start);
  const running = signal<ReadonlyMap<string, RunningGeneration>>(new Map());
  const world = { hidden: true, status: 'complete' as Message['status'], told: [] as DoneWork[], endJob: (_: Job) => {} };
  const stop = watchLongWork({
    ...{ clock, running, isHidden: () => world.hidden, tell: (work) => world.told.push(work) },
    messageOf: () => message(world.status),
    onJobEnd(listener) {
      world.endJob = listener;
      return () => {};
    },
  });
  const answer = (ms: number) => {
    running.value = new Map([['c1', one]]);
    clock.advance(ms);
    running.value = new Map();
    clock.advance(1);
  };
  return { clock, running, world, answer, stop };
}

describe('long work that ends while nobody looks', () => {
  it('is told once', () => {
    const { world, answer } = setup();
    answer(21_000);
    expect(world.told.map(({ kind }) => kind)).toEqual(['answer']);
  });

  it.each([
    ['was short', 19_000, true, 'complete'],
    ['was looked at', 60_000, false, 'complete'],
    ['was stopped by the person', 60_000, true, 'stopped'],
    ['goes on where the page lost it', 60_000, true, 'streaming'],
  ] as const)('is not told when it %s', (_, ms, hidden, status) => {
    const { world, answer } = setup();
    Object.assign(world, { hidden, status });
    answer(ms);
    expect(world.told).toEqual([]);
  });

  it('is a job, too, by the time since it was asked for', () => {
    const { world, clock } = setup();
    clock.advance(30_000);
    world.endJob(job(start + 25_000));
    world.endJob(job(start, 'cancelled'));
    expect(world.told).toEqual([]);
    world.endJob(job(start));
    expect(world.told).toHaveLength(1);
  });

  it('is not told after the watching has ended', () => {
    const { world, running, stop } = setup();
    running.value = new Map([['c1', one]]);
    stop();
    running.value = new Map();
    expect(world.told).toEqual([]);
  });
});

describe('a notification', () => {
  const i18n = { t: (key: string) => key } as I18n;
  const title = 'My secret plan';

  it('holds no word of the conversation without leave', () => {
    const notice = noticeOf(i18n, { kind: 'answer', message: message('complete') }, { previews: false, title });
    expect(notice).toEqual({ title: 'app.name', body: 'notify.answerReady', tag: 'answer-c1', path: '/c/c1' });
  });

  it('shows the beginning of the answer with leave, without marks', () => {
    const notice = noticeOf(i18n, { kind: 'answer', message: message('complete') }, { previews: true, title });
    expect([notice.title, notice.body.slice(0, 16), notice.body.length]).toEqual([title, 'The answer and m', 141]);
  });

  it('says when it ended early, and what became of a job', () => {
    const failed = { ...message('failed'), parts: [] };
    expect(noticeOf(i18n, { kind: 'answer', message: failed }, { previews: true, title }).body).toBe('notify.answerEnded');
    expect(noticeOf(i18n, { kind: 'job', job: job(0, 'dead') }, { previews: true, title })).toMatchObject({
      ...{ body: 'notify.jobFailed', path: '/jobs' },
    });
  });
});
