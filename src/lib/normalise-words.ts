const MAX_WORDS = 1000;
/** A long text has said its words by then; more would hold up everybody else (2 million characters take 0.1 s). */
const MAX_CHARACTERS = 100_000;
const MAX_WORD_LENGTH = 40;
const ZWNJ = '\u200c';

/** Arabic-script letters that people type in several ways, folded to one: search must not depend on the keyboard. */
const foldings: ReadonlyMap<string, string> = new Map([
  ['ي', 'ی'],
  ['ى', 'ی'],
  ['ئ', 'ی'],
  ['ك', 'ک'],
  ['أ', 'ا'],
  ['إ', 'ا'],
  ['آ', 'ا'],
  ['ٱ', 'ا'],
  ['ة', 'ه'],
  ['ۀ', 'ه'],
  ['ؤ', 'و'],
]);

/**
 * Folds a text for search: NFKC, lower case, Latin and Arabic marks removed, ي/ی and ك/ک and alef forms unified, ZWNJ and
 * tatweel removed, Persian and Arabic digits as ASCII.
 */
export function normaliseText(text: string): string {
  return text
    .normalize('NFKC')
    .toLowerCase()
    .replace(/\u200c|\u200d|\u0640|[\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, '')
    .replace(/[يىئكأإآٱةۀؤ]/g, (letter) => foldings.get(letter) ?? letter)
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .normalize('NFC')
    .replace(/[\u0660-\u0669]/g, (digit) => String(digit.charCodeAt(0) - 0x0660))
    .replace(/[\u06f0-\u06f9]/g, (digit) => String(digit.charCodeAt(0) - 0x06f0));
}

/** The distinct normalised words of a text, in order of appearance: at most 1000 of the first 100,000 characters, each cut at 40. */
export function normaliseWords(text: string): string[] {
  return [...wordsIn(text.slice(0, MAX_CHARACTERS), new Set())];
}

/**
 * What a text is found by: its words and, behind them, the pieces of those that a ZWNJ joins, because many people type a space in
 * its place. Bounded as `normaliseWords`.
 */
export function indexWords(text: string): string[] {
  const searched = text.slice(0, MAX_CHARACTERS);
  const words = wordsIn(searched, new Set());
  return [...(searched.includes(ZWNJ) ? wordsIn(searched.replaceAll(ZWNJ, ' '), words) : words)];
}

function wordsIn(text: string, words: Set<string>): Set<string> {
  for (const match of normaliseText(text).matchAll(/[\p{L}\p{N}]+/gu)) {
    if (words.size >= MAX_WORDS) break;
    words.add(match[0].slice(0, MAX_WORD_LENGTH));
  }
  return words;
}
