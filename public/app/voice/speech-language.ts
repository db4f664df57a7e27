import type { Locale } from '../state/i18n.ts';

const usual: Readonly<Partial<Record<string, string>>> = { en: 'en-US', fa: 'fa-IR', ar: 'ar-SA' };

/** The language that a person with this language of the page speaks into the microphone. */
export function spokenLanguage(locale: Locale, preferred: readonly string[]): string {
  const own = preferred.find((tag) => tag.toLowerCase().split('-')[0] === locale && tag.includes('-'));
  return own ?? usual[locale] ?? locale;
}

/** The language that a sentence is written in, by its letters: a voice of another language cannot read it. */
export function writtenLanguage(text: string, locale: Locale, preferred: readonly string[]): string {
  const arabic = text.match(/\p{Script=Arabic}/gu)?.length ?? 0;
  const latin = text.match(/\p{Script=Latin}/gu)?.length ?? 0;
  if (arabic > latin) return /[پچژگکی]/.test(text) || locale === 'fa' ? 'fa-IR' : 'ar-SA';
  const own = preferred.find((tag) => !/^(fa|ar)\b/i.test(tag));
  return locale === 'en' || own === undefined ? spokenLanguage('en', preferred) : own;
}
