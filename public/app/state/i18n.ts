import { type ReadonlySignal, signal } from '@preact/signals';
import type { KeyValueStore } from './ports.ts';

/** A language that the page speaks: the name of its file in `public/locales`, a BCP 47 tag. */
export type Locale = string;
export interface Language {
  readonly tag: Locale;
  /** In its own words. */
  readonly name: string;
}
export type Dictionary = Readonly<Record<string, string>>;
export type TextParams = Readonly<Record<string, string | number | boolean>>;

const key = 'jarvis.locale';

export interface I18n {
  readonly locale: ReadonlySignal<Locale>;
  /** All that can be chosen. */
  readonly languages: readonly Language[];
  /** Of the chosen language. */
  direction(): 'ltr' | 'rtl';
  /** The words for a key in the chosen language; a key with a number `count` is chosen by its plural form. */
  t(key: string, params?: TextParams): string;
  has(key: string): boolean;
  number(value: number, options?: Intl.NumberFormatOptions): string;
  date(iso: string, options?: Intl.DateTimeFormatOptions): string;
  bytes(value: number): string;
  choose(locale: Locale): Promise<void>;
  /** Adds the words of a part of the page that is fetched when it is opened, now and for each language chosen later. */
  extend(load: LoadWords): Promise<void>;
}

export type LoadWords = (locale: Locale) => Promise<Dictionary>;

export interface I18nDeps {
  readonly store: KeyValueStore;
  readonly load: LoadWords;
  /** Default: only the first one. */
  readonly languages?: readonly Language[];
  readonly apply: (locale: Locale, direction: 'ltr' | 'rtl') => void;
}

/** The stored choice, else the first language of the browser that there is, else English. */
export function detectLocale(stored: string | null, preferred: readonly string[], languages: readonly Language[]): Locale {
  for (const tag of [stored ?? '', ...preferred]) {
    const wanted = tag.toLowerCase();
    const found =
      languages.find((one) => one.tag.toLowerCase() === wanted) ?? languages.find((one) => one.tag.toLowerCase() === wanted.split('-')[0]);
    if (found !== undefined) return found.tag;
  }
  return 'en';
}

export function storedLocale(store: KeyValueStore): string | null {
  return store.get(key);
}

const directionOf = (words: Dictionary): 'ltr' | 'rtl' => (words['language.direction'] === 'rtl' ? 'rtl' : 'ltr');

export async function createI18n(first: Locale, deps: I18nDeps): Promise<I18n> {
  /** What brings words besides the first file, and when its words of the language of that moment are there. */
  const extensions = new Map<LoadWords, Promise<void>>();
  const chosen = signal<{ locale: Locale; words: Dictionary }>({ locale: first, words: await deps.load(first) });
  const locale = signal<Locale>(first);
  deps.apply(first, directionOf(chosen.peek().words));

  /** Digits and calendar that readers of the language expect. */
  const format = () => chosen.value.words['language.format'] ?? chosen.value.locale;

  function number(value: number, options: Intl.NumberFormatOptions = {}): string {
    return new Intl.NumberFormat(format(), options).format(value);
  }

  async function read(language: Locale): Promise<Dictionary> {
    const asked = [...extensions.keys()];
    const parts = await Promise.all([deps.load, ...asked].map((load) => load(language)));
    // One that was added meanwhile would be missing.
    if (extensions.size !== asked.length) return read(language);
    return parts.reduce((all, part) => ({ ...all, ...part }));
  }

  async function join(load: LoadWords): Promise<void> {
    const { locale: language } = chosen.peek();
    const words = await load(language);
    const now = chosen.peek();
    // Another language was chosen meanwhile, and has brought its own along.
    if (now.locale === language) chosen.value = { locale: language, words: { ...now.words, ...words } };
  }

  function find(name: string, params: TextParams): string | undefined {
    const { locale: language, words } = chosen.value;
    const { count } = params;
    if (typeof count === 'number') {
      const form = new Intl.PluralRules(language).select(count);
      return words[`${name}.${form}`] ?? words[`${name}.other`] ?? words[name];
    }
    return words[name] ?? words[`${name}.other`];
  }

  return {
    locale,
    languages: deps.languages ?? [],
    direction: () => directionOf(chosen.value.words),
    t(name, params = {}) {
      const words = find(name, params);
      if (words === undefined) return name;
      return words.replace(/\{(\w+)\}/g, (whole, param: string) => {
        const value = params[param];
        if (value === undefined) return whole;
        return typeof value === 'number' ? number(value) : isolate(String(value));
      });
    },
    has: (name) => chosen.value.words[name] !== undefined,
    number,
    date: (iso, options = {}) => new Intl.DateTimeFormat(format(), options).format(new Date(iso)),
    bytes(value) {
      const unit = value >= 1024 * 1024 ? 'megabyte' : value > 0 && value < 100 ? 'byte' : 'kilobyte';
      const amount = value / { byte: 1, kilobyte: 1024, megabyte: 1024 * 1024 }[unit];
      return number(amount, { style: 'unit', unit, maximumFractionDigits: 1 });
    },
    async choose(next) {
      const words = await read(next);
      chosen.value = { locale: next, words };
      locale.value = next;
      deps.store.set(key, next);
      deps.apply(next, directionOf(words));
    },
    extend(load) {
      const known = extensions.get(load);
      if (known !== undefined) return known;
      const joined = join(load);
      extensions.set(load, joined);
      joined.catch(() => extensions.delete(load));
      return joined;
    },
  };
}

/** A Latin name inside a Persian sentence, or the other way round, must not turn the words beside it. */
function isolate(value: string): string {
  return `\u2068${value}\u2069`;
}
