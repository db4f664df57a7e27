import type { Dictionary, Language, LoadWords, Locale } from './state/i18n.ts';

/*
 * The languages of the page are the files in `public/locales`: adding one is adding a file with every key of `en.json`. The words of
 * the parts that are fetched later may stand in a file of the same name in `pages`, so that the first page does not carry them.
 */
const names = import.meta.glob<Language>('../locales/*.json', { eager: true, query: '?language', import: 'default' });
const first = import.meta.glob<Dictionary>('../locales/*.json', { import: 'default' });
const later = import.meta.glob<Dictionary>('../locales/pages/*.json', { import: 'default' });

/** English first, the others by their tag. */
export const languages: readonly Language[] = Object.values(names).sort((a, b) =>
  a.tag === 'en' ? -1 : b.tag === 'en' ? 1 : a.tag < b.tag ? -1 : 1,
);

export const loadWords: LoadWords = async (locale: Locale) => (await first[`../locales/${locale}.json`]?.()) ?? {};

/** The words of the parts that are fetched when they are opened. */
export const loadPageWords: LoadWords = async (locale: Locale) => (await later[`../locales/pages/${locale}.json`]?.()) ?? {};
