import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { signal } from '@preact/signals';
import { describe, expect, it } from 'vitest';
import { findingWords, reportText } from '../../../public/app/doctor/finding-words.ts';
import { type BrowserChecksDeps, checkBrowser } from '../../../public/app/state/browser-checks.ts';
import { createCheckUp } from '../../../public/app/state/check-up.ts';
import type { LinkStatus } from '../../../public/app/state/connection.ts';
import { createI18n, type Dictionary, type Locale } from '../../../public/app/state/i18n.ts';
import { RequestError } from '../../../public/app/state/request-error.ts';
import type { Finding } from '../../../src/protocol/shapes.ts';
import { findingCodes, findingTexts } from '../../../src/services/doctor/finding-texts.ts';
import { createFakeClock } from '../../support/client/fake-clock.ts';
import { createMemoryStore } from '../../support/client/memory-store.ts';

const origin = 'https://chat.example.org';
const now = Date.parse('2026-11-22T12:00:00.000Z');
const words = (locale: Locale) =>
  JSON.parse(readFileSync(join(import.meta.dirname, `../../../public/locales/pages/${locale}.json`), 'utf8')) as Dictionary;
const i18nOf = (locale: Locale) =>
  createI18n(locale, { store: createMemoryStore(), load: (name) => Promise.resolve(words(name)), apply: () => {} });

interface Given {
  readonly status?: LinkStatus;
  readonly pong?: boolean;
  readonly response?: Response | null;
  readonly store?: BrowserChecksDeps['store'];
  readonly secure?: boolean;
}

const respond = (status: number, date = new Date(now).toUTCString()) => new Response('{}', { status, headers: { date } });

/** What the checks find: state by code. */
async function look(given: Given = {}) {
  const clock = createFakeClock(now);
  const { status = { state: 'online' }, pong = true, response = respond(200), store = createMemoryStore(), secure = true } = given;
  const deps: BrowserChecksDeps = {
    connection: {
      status: signal(status),
      request: () => (pong ? Promise.resolve({ type: 'pong' }) : new Promise(() => clock.after(0, () => {}))),
    },
    fetch: () => (response === null ? Promise.reject(new TypeError('Failed to fetch')) : Promise.resolve(response)),
    ...{ store, clock, origin, secure },
  };
  const checked = checkBrowser(deps);
  if (!pong) clock.advance(5000);
  const findings = await checked;
  return { findings, state: Object.fromEntries(findings.map(({ code, state }) => [code, state])) };
}

describe('what the browser finds out by itself', () => {
  it('is all well on a page that works', async () => {
    const { state } = await look();
    expect(state).toEqual({
      BROWSER_SOCKET: 'ok',
      BROWSER_COOKIE: 'ok',
      BROWSER_CLOCK: 'ok',
      BROWSER_ADDRESS: 'ok',
      BROWSER_STORAGE: 'ok',
    });
  });

  it('names a socket that is closed, and one that is open but silent', async () => {
    const closed = await look({ status: { state: 'reconnecting' } });
    expect(closed.findings[0]).toMatchObject({ state: 'problem', params: { state: 'reconnecting' } });
    const silent = await look({ pong: false });
    expect(silent.findings[0]).toMatchObject({ state: 'problem', params: { state: 'silent' } });
  });

  it('names a browser that does not send the cookie', async () => {
    expect((await look({ response: respond(401) })).state['BROWSER_COOKIE']).toBe('problem');
  });

  it('knows nothing where no answer comes', async () => {
    const { state } = await look({ response: null });
    expect(state).toMatchObject({ BROWSER_COOKIE: 'unknown', BROWSER_CLOCK: 'unknown', BROWSER_ADDRESS: 'unknown' });
  });

  it.each([
    [10, 'ok'],
    [-10, 'ok'],
    [45, 'warning'],
    [-90, 'warning'],
    [4000, 'problem'],
  ])('reads the clock of the server from its answer: %i s ahead', async (seconds, state) => {
    const { findings } = await look({ response: respond(200, new Date(now + seconds * 1000).toUTCString()) });
    const clock = findings.find(({ code }) => code === 'BROWSER_CLOCK');
    expect(clock?.state).toBe(state);
    expect(Math.abs(Number(clock?.params['seconds']) - Math.abs(seconds))).toBeLessThanOrEqual(1);
  });

  it('names a redirect to another address, and a page without TLS', async () => {
    const elsewhere = respond(200);
    Object.defineProperty(elsewhere, 'url', { value: 'https://other.example.org/api/auth/me' });
    const { findings } = await look({ response: elsewhere });
    expect(findings.find(({ code }) => code === 'BROWSER_ADDRESS')).toMatchObject({
      state: 'problem',
      params: { origin, other: 'https://other.example.org' },
    });
    expect((await look({ secure: false })).state['BROWSER_ADDRESS']).toBe('warning');
  });

  it('names a browser that keeps nothing, and leaves nothing behind in one that does', async () => {
    const full = { get: () => null, set: () => false, remove: () => {} };
    expect((await look({ store: full })).state['BROWSER_STORAGE']).toBe('warning');
    const store = createMemoryStore();
    await look({ store });
    expect(store.keys()).toEqual([]);
  });
});

const finding = (code: string, state: Finding['state'], params: Finding['params'] = {}): Finding => ({
  ...{ code, state, params, title: `${code} in English`, text: 'The text.', mend: 'The mend.' },
});

describe('a check-up', () => {
  it('shows problems first and keeps what the browser found when the server does not answer', async () => {
    const checkBrowser = () => Promise.resolve([finding('A', 'ok'), finding('B', 'unknown')]);
    const items = [finding('C', 'warning'), finding('D', 'problem')];
    const answers: unknown[] = [{ items, nextCursor: null }, new RequestError('OVERLOADED')];
    const get = <T>(): Promise<T> => {
      const answer = answers.shift();
      return answer instanceof RequestError ? Promise.reject(answer) : Promise.resolve(answer as T);
    };
    const checkUp = createCheckUp({ rest: { get }, checkBrowser, now: () => now });
    await checkUp.run();
    expect(checkUp.view.value.findings.map(({ code }) => code)).toEqual(['D', 'C', 'B', 'A']);
    await checkUp.run();
    expect(checkUp.view.value).toMatchObject({ running: false, error: { code: 'OVERLOADED' } });
    expect(checkUp.view.value.findings.map(({ code }) => code)).toEqual(['B', 'A']);
  });
});

describe('the words of a finding', () => {
  it.each(['en', 'fa', 'ar'] as const)('are there for everything that the server can find, in %s', (locale) => {
    const known = words(locale);
    const missing = findingCodes.flatMap((code) =>
      Object.keys(findingTexts[code]).filter((name) => known[`doctor.${code}.${name}`] === undefined),
    );
    expect(missing).toEqual([]);
  });

  it('are those of the page, the more exact one where there is one, and the server’s English for a code that is new', async () => {
    const i18n = await i18nOf('fa');
    expect(findingWords(i18n, finding('DATABASE', 'problem')).title).toBe(words('fa')['doctor.DATABASE.title']);
    expect(findingWords(i18n, finding('BROWSER_SOCKET', 'problem', { state: 'silent' })).text).toBe(
      words('fa')['doctor.BROWSER_SOCKET.problem.silent'],
    );
    expect(findingWords(i18n, finding('NEW', 'problem'))).toEqual({
      title: 'NEW in English',
      text: 'The text.',
      mend: 'The mend.',
      own: false,
    });
    expect(findingWords(i18n, finding('NEW', 'ok')).mend).toBe('');
  });

  it('make a report in plain text, without marks that only a page needs', async () => {
    const i18n = await i18nOf('en');
    const address = finding('BROWSER_ADDRESS', 'problem', { origin, other: 'https://other.example.org' });
    const report = reportText(i18n, [address, finding('DATABASE', 'ok', { ms: 3 })], ['Jarvis Argus 0.1.0']);
    expect(report).toContain('Jarvis Argus 0.1.0\n\n[problem] BROWSER_ADDRESS: ');
    expect(report).toContain(`The page came from ${origin}, but its requests end at https://other.example.org.`);
    expect(report).toContain('[ok] DATABASE: ');
    expect(report).not.toMatch(/[\u2066-\u2069]/);
  });
});
