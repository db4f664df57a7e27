import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { explain } from '../../../public/app/actions/explain.ts';
import { createI18n, type Dictionary, type Locale } from '../../../public/app/state/i18n.ts';
import { errorTable } from '../../../src/protocol/errors.ts';
import { createMemoryStore } from '../../support/client/memory-store.ts';

const folder = join(import.meta.dirname, '../../../public/locales');
const read = (locale: Locale) => JSON.parse(readFileSync(join(folder, `${locale}.json`), 'utf8')) as Dictionary;
const speak = (locale: Locale) =>
  createI18n(locale, { store: createMemoryStore(), load: (name) => Promise.resolve(read(name)), apply: () => {} });

describe('the words for an error', () => {
  it('tell what refused work would have taken and what would fit', async () => {
    const message = errorTable.JOB_TOO_LARGE.message;
    const params = { seconds: 754, memoryMb: 2048, maxWidth: 1581, maxHeight: 1054 };
    const said = explain(await speak('en'), { code: 'JOB_TOO_LARGE', message, params })
      .replaceAll(/[\u2068\u2069]/g, '')
      .replaceAll('\u00A0', ' ');
    expect(said).toContain('about 13 min and 2,048 MB of memory. The largest picture that fits is 1581 × 1054.');
    expect(explain(await speak('en'), { code: 'JOB_TOO_LARGE', message, params: { memoryMb: 4096 } })).toBe(
      read('en')['error.JOB_TOO_LARGE'],
    );
  });

  it('are those of its cause in the language of the page', async () => {
    const fault = { code: 'RATE_LIMITED', message: 'The daily limit of this model is used up.', params: { class: 'http_429_day' } };
    for (const locale of ['en', 'fa', 'ar'] as const)
      expect(explain(await speak(locale), fault)).toBe(read(locale)['error.RATE_LIMITED.http_429_day']);
  });

  it.each([
    ['http_502', 'http_503'],
    ['network_econnreset', 'network'],
    ['bad_body', 'bad_chunk'],
  ])('are the same for %s and %s', async (cause, family) => {
    const error = { code: 'MODEL_UNAVAILABLE', message: 'x', params: { class: cause } };
    expect(explain(await speak('fa'), error)).toBe(read('fa')[`error.MODEL_UNAVAILABLE.${family}`]);
  });

  it('are the server’s own in English and the general ones elsewhere where nobody translated the cause', async () => {
    const error = { code: 'BAD_REQUEST', message: 'The value of thinking is missing.', params: { field: 'thinking' } };
    expect(explain(await speak('en'), error)).toBe('The value of thinking is missing.');
    expect(explain(await speak('ar'), error)).toBe(read('ar')['error.BAD_REQUEST']);
  });

  it('name what a parameter of a plugin may be', async () => {
    const error = { code: 'BAD_REQUEST', message: 'x', params: { field: 'scale', reason: 'member', range: '2, 4' } };
    for (const locale of ['en', 'fa', 'ar'] as const) expect(explain(await speak(locale), error)).toMatch(/scale.*2, 4/);
  });

  it('are a plugin’s own in the languages that it brings', async () => {
    const error = { code: 'MODEL_MISSING', message: 'Bring these files.', params: { plugin: 'imagine', fa: 'این فایل‌ها را بیاورید.' } };
    expect(explain(await speak('fa'), error)).toBe('این فایل‌ها را بیاورید.');
    expect(explain(await speak('en'), error)).toBe('Bring these files.');
    expect(explain(await speak('ar'), error)).toBe(read('ar')['error.MODEL_MISSING']);
  });

  it('name the form of a command that was written wrong', async () => {
    const error = { code: 'BAD_REQUEST', message: 'An argument is missing.', params: { usage: '/rename <title>' } };
    expect(explain(await speak('fa'), error)).toContain('\u2068/rename <title>\u2069');
  });

  it('name what is near to a wrong word once, and a command with its slash', async () => {
    const error = {
      code: 'UNKNOWN_COMMAND',
      message: 'There is no /helq. Did you mean /help?',
      params: { name: 'helq', suggestions: 'help, level' },
    };
    expect(explain(await speak('en'), error)).toBe(error.message);
    expect(explain(await speak('fa'), error)).toContain('\u2068/help, /level\u2069');
    const model = { code: 'BAD_REQUEST', message: 'x', params: { field: 'model', suggestions: 'gemini-2.5-pro' } };
    expect(explain(await speak('ar'), model)).toContain('\u2068gemini-2.5-pro\u2069');
  });

  it('are the page’s own where the server says no more than its table', async () => {
    const error = { code: 'BAD_REQUEST', message: errorTable.BAD_REQUEST.message };
    expect(explain(await speak('en'), error)).toBe(read('en')['error.BAD_REQUEST']);
  });

  it('are the server’s English for a code that the page does not know', async () => {
    expect(explain(await speak('fa'), { code: 'SOMETHING_NEW', message: 'Something new happened.' })).toBe('Something new happened.');
  });
});
