import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createI18n, type Dictionary, detectLocale, type Locale } from '../../../public/app/state/i18n.ts';
import { errorCodes } from '../../../src/protocol/errors.ts';
import { noticeCodes, noticeTable } from '../../../src/protocol/notices.ts';
import { createMemoryStore } from '../../support/client/memory-store.ts';

const root = join(import.meta.dirname, '../../../public');
const parse = (file: string) => JSON.parse(readFileSync(join(root, 'locales', file), 'utf8')) as Dictionary;
/** The words of the first page, and those that come with the pages that are fetched when they are opened; a language may hold all in one file. */
const later = (locale: Locale) => (existsSync(join(root, 'locales/pages', `${locale}.json`)) ? parse(`pages/${locale}.json`) : {});
/** A language is a file: one that is added is held to English by itself. */
const locales = readdirSync(join(root, 'locales'), { withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map(({ name }) => name.replace(/\.json$/, ''));
const all: ReadonlyMap<Locale, Dictionary> = new Map(locales.map((locale) => [locale, { ...parse(`${locale}.json`), ...later(locale) }]));
const wordsOf = (locale: Locale): Dictionary => all.get(locale) ?? {};
const languages = locales.map((tag) => ({ tag, name: tag }));
const forms = ['zero', 'one', 'two', 'few', 'many', 'other'];
const baseOf = (key: string) => (forms.includes(key.split('.').at(-1) ?? '') ? key.slice(0, key.lastIndexOf('.')) : key);
const isPlural = (key: string) => baseOf(key) !== key;
const placeholders = (text: string) => [...new Set(text.match(/\{\w+\}/g) ?? [])].sort();
const others = locales.filter((locale) => locale !== 'en');

function sourceFiles(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return sourceFiles(path);
    return /\.tsx?$/.test(entry.name) ? [path] : [];
  });
}

describe('the words of the client', () => {
  it.each(others)('%s has every key of English and no other', (locale) => {
    const bases = (dictionary: Dictionary) => [...new Set(Object.keys(dictionary).map(baseOf))].sort();
    expect(bases(wordsOf(locale))).toEqual(bases(wordsOf('en')));
  });

  it.each(locales)('%s has each plural form that its grammar asks for', (locale) => {
    const wanted = new Intl.PluralRules(locale).resolvedOptions().pluralCategories;
    for (const base of new Set(Object.keys(wordsOf('en')).filter(isPlural).map(baseOf))) {
      for (const form of wanted) expect(wordsOf(locale), `${locale}: ${base}`).toHaveProperty([`${base}.${form}`]);
    }
  });

  it.each(others)('%s uses the placeholders of English', (locale) => {
    for (const [key, text] of Object.entries(wordsOf(locale))) {
      const model = wordsOf('en')[key] ?? wordsOf('en')[`${baseOf(key)}.other`] ?? '';
      expect(placeholders(text), `${locale}: ${key}`).toEqual(placeholders(model));
    }
  });

  it.each(locales)('%s has words for every notice and every error', (locale) => {
    const has = (key: string) => wordsOf(locale)[key] !== undefined || wordsOf(locale)[`${key}.other`] !== undefined;
    expect(noticeCodes.filter((code) => !has(`notice.${code}`))).toEqual([]);
    expect(errorCodes.filter((code) => !has(`error.${code}`))).toEqual([]);
  });

  it.each(locales)('%s names only parameters that a notice has', (locale) => {
    for (const code of noticeCodes) {
      const text = wordsOf(locale)[`notice.${code}`] ?? wordsOf(locale)[`notice.${code}.other`] ?? '';
      expect(placeholders(noticeTable[code]), code).toEqual(expect.arrayContaining(placeholders(text)));
    }
  });

  it.each(locales)('%s says nothing twice, in the first page and in the pages', (locale) => {
    const first = parse(`${locale}.json`);
    expect(Object.keys(later(locale)).filter((key) => key in first)).toEqual([]);
  });

  it.each(locales)('%s says its name, its direction and how it writes numbers and dates', (locale) => {
    const { 'language.name': name = '', 'language.direction': direction, 'language.format': format = '' } = wordsOf(locale);
    expect(name).not.toBe('');
    expect(['ltr', 'rtl']).toContain(direction);
    expect(Intl.NumberFormat.supportedLocalesOf(format)).toHaveLength(1);
  });

  it('writes Persian with Persian letters and digits', () => {
    const wrong = Object.entries(wordsOf('fa')).filter(([, text]) => /[يك٠-٩]/.test(text));
    expect(wrong).toEqual([]);
  });

  it('has every key that the client asks for by its full name', () => {
    const has = (key: string) => wordsOf('en')[key] !== undefined || wordsOf('en')[`${key}.other`] !== undefined;
    const missing = sourceFiles(join(root, 'app')).flatMap((path) => {
      const asked = readFileSync(path, 'utf8').matchAll(/\bt\(\s*'([\w.]+)'/g);
      return [...asked].flatMap(([, key = '']) => (has(key) ? [] : [key]));
    });
    expect(missing).toEqual([]);
  });
});

describe('the choice of a language', () => {
  it.each([
    ['fa', ['en-GB'], 'fa'],
    [null, ['de-DE', 'ar-EG', 'en'], 'ar'],
    [null, ['FA-ir'], 'fa'],
    ['xx', ['de'], 'en'],
  ] as const)('takes %s and %j for %s', (stored, preferred, expected) => {
    expect(detectLocale(stored, preferred, languages)).toBe(expected);
  });

  async function setup(locale: Locale) {
    const applied: string[] = [];
    const store = createMemoryStore();
    const i18n = await createI18n(locale, {
      store,
      load: (name) => Promise.resolve(wordsOf(name)),
      apply: (name, direction) => applied.push(`${name} ${direction}`),
    });
    return { i18n, applied, store };
  }

  it('turns the page round and remembers the choice', async () => {
    const { i18n, applied, store } = await setup('en');
    await i18n.choose('fa');
    expect(applied).toEqual(['en ltr', 'fa rtl']);
    expect(store.get('jarvis.locale')).toBe('fa');
    expect(i18n.t('auth.login')).toBe(wordsOf('fa')['auth.login']);
  });

  it('chooses plural forms and digits of the language', async () => {
    const { i18n } = await setup('ar');
    expect(i18n.t('usage.tokens', { count: 2 })).toContain('رمزان');
    expect(i18n.t('usage.tokens', { count: 5 })).toBe('٥ رموز');
  });

  it('brings the words of a page along when another language is chosen while it is opened, and after', async () => {
    const { i18n } = await setup('en');
    const load = (name: Locale) => Promise.resolve({ greeting: `hello in ${name}` });
    await Promise.all([i18n.choose('fa'), i18n.extend(load)]);
    expect(i18n.t('greeting')).toBe('hello in fa');
    await i18n.choose('ar');
    expect(i18n.t('greeting')).toBe('hello in ar');
    expect(i18n.t('auth.login')).toBe(wordsOf('ar')['auth.login']);
  });

  it('asks again for the words of a page that could not be fetched', async () => {
    const { i18n } = await setup('en');
    let works = false;
    const load = () => (works ? Promise.resolve({ greeting: 'hello' }) : Promise.reject(new Error('no network')));
    await expect(i18n.extend(load)).rejects.toThrow('no network');
    works = true;
    await i18n.extend(load);
    expect(i18n.t('greeting')).toBe('hello');
  });

  it('keeps a foreign name from turning the words beside it', async () => {
    const { i18n } = await setup('fa');
    expect(i18n.t('empty.greeting', { name: 'Sara' })).toBe('سلام \u2068Sara\u2069');
  });
});
