import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { showPushedNotices } from '../../../public/app/actions/show-pushed-notices.ts';
import { createI18n, type Dictionary, type Locale } from '../../../public/app/state/i18n.ts';
import { createToasts } from '../../../public/app/state/toasts.ts';
import type { ServerFrame } from '../../../src/protocol/server-frames.ts';
import { createFakeClock } from '../../support/client/fake-clock.ts';
import { createMemoryStore } from '../../support/client/memory-store.ts';

const read = (locale: Locale) => JSON.parse(readFileSync(`public/locales/${locale}.json`, 'utf8')) as Dictionary;

async function setup(locale: Locale) {
  const i18n = await createI18n(locale, { store: createMemoryStore(), load: (name) => Promise.resolve(read(name)), apply: () => {} });
  const toasts = createToasts({ clock: createFakeClock() });
  const listeners = new Set<(frame: ServerFrame) => void>();
  const connection = {
    onFrame(listener: (frame: ServerFrame) => void) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
  const end = showPushedNotices({ connection, i18n, toasts });
  const push = (frame: ServerFrame) => {
    for (const listener of listeners) listener(frame);
  };
  return { push, end, shown: () => toasts.entries.value };
}

const warning = { type: 'notice', code: 'BUDGET_WARNING', params: { percent: 80, period: 'day', spent: 8, limit: 10 }, text: 'x' } as const;

describe('a notice that answers no request', () => {
  it('passes by as a warning, in the language of the page', async () => {
    const english = await setup('en');
    english.push(warning);
    expect(english.shown()).toMatchObject([{ tone: 'warning', text: expect.stringMatching(/80.* % of your budget for this .*day/) }]);
    const persian = await setup('fa');
    persian.push(warning);
    expect(persian.shown()[0]?.text).toMatch(/۸۰.*روز/);
  });

  it('shows its own words where the page has none, and leaves answers to who asked', async () => {
    const { push, end, shown } = await setup('en');
    push({ ...warning, replyTo: 'r1' });
    expect(shown()).toEqual([]);
    push({ ...warning, code: 'STOPPED' });
    expect(shown(), 'a stopped answer says so itself').toEqual([]);
    push({ ...warning, code: 'NEWER_THAN_THIS_PAGE', text: 'From the server.' });
    expect(shown()).toMatchObject([{ text: 'From the server.' }]);
    end();
    push(warning);
    expect(shown()).toHaveLength(1);
  });
});
