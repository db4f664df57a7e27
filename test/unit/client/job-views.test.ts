import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { sectionsOf } from '../../../public/app/chat/message-parts.ts';
import { endingWords, joined, provenanceFacts, runningWords, waitingWords } from '../../../public/app/jobs/job-words.ts';
import { plainText } from '../../../public/app/jobs/plain-text.ts';
import { smallerSize } from '../../../public/app/jobs/smaller-size.ts';
import { stageRatio } from '../../../public/app/jobs/stage-ratio.ts';
import { readBoxes } from '../../../public/app/jobs/text-box.ts';
import { roughTime } from '../../../public/app/state/amounts.ts';
import { createI18n, type Dictionary, type Locale } from '../../../public/app/state/i18n.ts';
import { RequestError } from '../../../public/app/state/request-error.ts';
import type { Job } from '../../../src/protocol/work-shapes.ts';
import { createMemoryStore } from '../../support/client/memory-store.ts';

const locales = new URL('../../../public/locales/', import.meta.url);
const parse = (file: string) => JSON.parse(readFileSync(new URL(file, locales), 'utf8')) as Dictionary;
const i18nOf = (locale: Locale) =>
  createI18n(locale, {
    store: createMemoryStore(),
    load: (name) => Promise.resolve({ ...parse(`${name}.json`), ...parse(`pages/${name}.json`) }),
    apply: () => {},
  });
/** Without the marks that keep names from turning the words beside them. */
const plain = (text: string) => text.replaceAll(/[\u2068\u2069\u200F]/g, '');

const job: Job = {
  ...{ id: 'J1', clientJobId: 'C1', kind: 'upscale', plugin: 'upscale', status: 'queued', version: 1, progress: null },
  ...{ level: 'normal', params: {}, input: ['F1'], results: [], files: [], attempts: 0, createdAt: '2026-01-01T00:00:00.000Z' },
};

describe('the words of a job', () => {
  it('name its place in the queue and when it may be done', async () => {
    const en = await i18nOf('en');
    expect(plain(waitingWords(en, { ...job, position: 3 }, 130))).toBe('3rd in the queue, done in about 2 min');
    expect(plain(waitingWords(en, { ...job, position: 22 }, null))).toBe('22nd in the queue');
    expect(plain(waitingWords(en, { ...job, position: 1 }, 0))).toBe('Next in the queue');
    const fa = await i18nOf('fa');
    expect(plain(waitingWords(fa, { ...job, position: 3 }, 130))).toBe('نوبت ۳ در صف، پایان تا حدود ۲ دقیقه');
  });

  it('say that it failed and is tried again', async () => {
    const en = await i18nOf('en');
    expect(plain(waitingWords(en, { ...job, attempts: 1, retryAt: '2026-01-01T00:00:10.000Z' }, 5))).toMatch(
      /tried again at .+ \(start 2\)/,
    );
  });

  it('tell what is being done in the language of the plugin', async () => {
    const running: Job = { ...job, status: 'running', progress: 42, note: { en: 'Tile 5 of 12', fa: 'کاشی ۵ از ۱۲' } };
    expect(plain(runningWords(await i18nOf('en'), running, 34))).toBe('Tile 5 of 12 · 42% · about 35 sec left');
    expect(plain(runningWords(await i18nOf('fa'), running, null))).toContain('کاشی ۵ از ۱۲');
  });

  it('give the reason of a bad end', async () => {
    const error = { code: 'WORKER_CRASHED', message: '' } as const;
    expect(endingWords(await i18nOf('en'), { status: 'dead', attempts: 2, error })).toMatch(/started 2 times.+ended twice/);
  });

  it('are as exact as an estimate deserves', async () => {
    const en = await i18nOf('en');
    expect([3, 12, 90, 5400].map((seconds) => roughTime(en, seconds))).toEqual(['3 sec', '15 sec', '2 min', '1.5 hr']);
  });

  it('list where a picture comes from and leave out what is not known', async () => {
    const en = await i18nOf('en');
    const facts = provenanceFacts(en, 'upscale', { model: 'thick', level: 'deep', provider: 'cpu', seconds: 12.44, seed: 7, params: {} });
    expect(plain(joined(en, facts))).toBe('upscale · thick · Deep · CPU · 12 sec · seed 7');
    expect(provenanceFacts(en, 'upscale', {})).toEqual(['upscale']);
  });
});

describe('the room of a picture', () => {
  const file = (id: string, width: number, height: number) => ({ id, url: `/api/files/${id}`, mime: 'image/png', size: 1, width, height });

  it('is that of the result, else of what was asked for, else of what it is made from', () => {
    const from = { ...job, files: [file('F1', 300, 200), file('R1', 800, 800)] };
    expect(stageRatio(from, [])).toBe(1.5);
    expect(stageRatio({ ...from, params: { width: 512, height: 1024 } }, [])).toBe(0.5);
    expect(stageRatio({ ...from, results: ['R1'] }, [])).toBe(1);
    expect(stageRatio(from, [{ width: 400, height: 100 }])).toBe(4);
    expect(stageRatio(null, [])).toBeCloseTo(4 / 3);
  });

  it('knows the largest smaller copy that keeps the shape', () => {
    const error = new RequestError('JOB_TOO_LARGE', '', { params: { maxWidth: 2000, maxHeight: 1000 } });
    expect(smallerSize({ error, files: [file('F1', 4000, 3000)] })).toEqual({ width: 1333, height: 1000 });
    expect(smallerSize({ error, files: [file('F1', 400, 300)] })).toBeNull();
    expect(smallerSize({ error: new RequestError('JOB_TOO_LARGE'), files: [file('F1', 4000, 3000)] })).toBeNull();
  });
});

describe('what a plugin sends along', () => {
  it('is read as boxes where it has their shape, and left out elsewhere', () => {
    const good = {
      points: [
        [0, 0],
        [9, 0],
        [9, 5],
        [0, 5],
      ],
      text: 'Hello',
      score: 0.9,
    };
    const data = {
      boxes: [
        good,
        { points: [[0, 0]] },
        { points: 'x' },
        null,
        {
          points: [
            [0, 0],
            [1, 'a'],
            [2, 2],
          ],
        },
      ],
    };
    expect(readBoxes(data)).toEqual([{ points: good.points, text: 'Hello' }]);
    expect(readBoxes({ boxes: 7 })).toEqual([]);
    expect(readBoxes(undefined)).toEqual([]);
  });
});

describe('a text that was read', () => {
  it('is shown and copied as it was read, without the fence that keeps it from being Markdown', () => {
    expect(plainText('```text\nOpening *hours*\n\n9 to 17\n```')).toBe('Opening *hours*\n\n9 to 17');
    expect(plainText('````text\n```\ncode\n```\n````')).toBe('```\ncode\n```');
    expect(plainText('Read **twice**')).toBeNull();
    expect(plainText('```text\none\n```\nand\n```text\ntwo\n```')).toBeNull();
  });
});

describe('a message with work in it', () => {
  it('is one card with the pictures and words that were made', () => {
    const image = { type: 'image', fileId: 'R1', url: '/api/files/R1', mime: 'image/png' } as const;
    expect(sectionsOf([{ type: 'text', text: 'Before' }, { type: 'job', jobId: 'J1' }, image, { type: 'text', text: 'Read' }])).toEqual([
      { kind: 'text', text: 'Before' },
      { kind: 'job', jobId: 'J1', media: [image], text: 'Read' },
    ]);
  });
});
