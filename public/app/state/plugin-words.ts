import type { PluginInfo } from '../../../src/protocol/work-shapes.ts';
import type { I18n } from './i18n.ts';

export type Words = PluginInfo['title'];

/** What a plugin says, in the person's language where it knows that one. */
export function inWords(i18n: Pick<I18n, 'locale'>, words: Words): string {
  return ownWords(i18n.locale.value, words) ?? words.en;
}

/** The same without the English fallback; null where it does not know the language. */
export function ownWords(locale: string, words: Words): string | null {
  return new Map(Object.entries(words)).get(locale) ?? null;
}
