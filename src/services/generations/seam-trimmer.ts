import { type OpenFence, openFenceOf } from './open-fence.ts';

/** How far back a repetition is looked for, and so how much text may wait for a decision, in characters. */
const WINDOW = 4000;
/** What has to follow a cut word before it counts as its beginning anew, in characters. */
const LOOK_AHEAD = 2;
/** White space that may wait for the word after it, in characters. */
const MAX_SPACE = 200;
/** A fence line is not longer, in characters. */
const MAX_FENCE_LINE = 80;
/** In a text that repeats itself there are many: the longest ones decide. */
const MAX_CANDIDATES = 50;
/** A repetition has at least so many letters and words in the middle of a sentence; where one ended it may be meant, so more. */
const INSIDE = { letters: 12, words: 3 } as const;
const AFTER_END = { letters: 60, words: 8 } as const;

const letters = /\p{L}/gu;
const wordCharacter = /[\p{L}\p{M}\p{N}]/u;
/** Scripts that write words without spaces. */
const unspaced = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]/u;
/** After one of these a text may well say the same again: a line of code, a row, a refrain. */
const endings: ReadonlySet<string> = new Set('.!?…;})]|؟。！？؛');

/**
 * Joins a continued answer to its beginning. A model that is asked to go on often says the last words again, opens the code
 * block again or adds a second space; that is taken off before anybody sees it. What could be meant is let through as it is:
 * a doubled word is a smaller harm than a lost one.
 */
export class SeamTrimmer {
  readonly #before: string;
  readonly #fence: OpenFence | null;
  #held = '';
  #reopened = false;
  #done: boolean;

  /** @param before the text of the answer as it was cut */
  constructor(before: string) {
    this.#before = before.slice(-WINDOW);
    this.#fence = openFenceOf(before);
    this.#done = before === '';
  }

  /** @returns what may be shown now; '' while it could still be a repetition */
  push(text: string): string {
    if (this.#done) return text;
    this.#held += text;
    if (this.#mayBeFence()) return '';
    this.#takeFence();
    return this.#isUndecided() ? '' : this.flush();
  }

  /** Decides with what there is. @returns what was held, without what it repeats */
  flush(): string {
    if (this.#done) return '';
    this.#takeFence();
    this.#done = true;
    const held = this.#held;
    this.#held = '';
    const space = held.length - held.trimStart().length;
    for (const skip of space === 0 ? [0] : [0, space]) {
      const text = held.slice(skip);
      const sizes = overlapsOf(this.#before, text);
      const size = sizes.find((one, at) => this.#isRepetition(text.slice(0, one), text.slice(one), sizes[at + 1] ?? 0));
      if (size !== undefined) return text.slice(size);
    }
    return this.#spaced(held);
  }

  /** The beginning of a fence line that is not whole yet. */
  #mayBeFence(): boolean {
    if (this.#fence === null || this.#fence.language === '' || this.#reopened) return false;
    const start = this.#held.trimStart();
    if (start.includes('\n') || this.#held.length > MAX_FENCE_LINE) return false;
    return start.startsWith(this.#fence.marker) || this.#fence.marker.startsWith(start);
  }

  /** ```` ```python ```` inside of an open ```` ```python ````: a fence that closes has no language, so this one is the open one again. */
  #takeFence(): void {
    const fence = this.#fence;
    if (fence === null || this.#reopened) return;
    const match = /^\s*(`{3,}|~{3,})[ \t]*(\S+)[^\n]*\n/.exec(this.#held.slice(0, MAX_FENCE_LINE));
    if (match?.[1] !== fence.marker || match[2]?.toLowerCase() !== fence.language) return;
    this.#reopened = true;
    this.#held = this.#held.slice(match[0].length);
  }

  /** Whether more text could make the held one a repetition, or a longer one. */
  #isUndecided(): boolean {
    const held = this.#held;
    const words = held.trimStart();
    if (words === '') return held.length < MAX_SPACE;
    if (words.length < LOOK_AHEAD || this.#before.includes(held) || this.#before.includes(words)) return true;
    // The characters after a repetition tell whether it was one.
    const longest = Math.max(overlapsOf(this.#before, held)[0] ?? 0, overlapsOf(this.#before, words)[0] ?? 0);
    return longest > 0 && words.length < longest + LOOK_AHEAD;
  }

  /** @param own how much of `repeated` is at its beginning and its end */
  #isRepetition(repeated: string, after: string, own: number): boolean {
    const before = this.#before;
    const start = before.length - repeated.length;
    if (this.#isLineOfBlock(repeated, start)) return true;
    if (isInWord(before, start)) return false;
    if (restartsWord(repeated, after)) return true;
    // What the text says twice it may say three times.
    if (before.indexOf(repeated) !== start || own * 2 >= repeated.length) return false;
    return isLong(repeated, hasEnded(before) ? AFTER_END : INSIDE);
  }

  /** A block that was opened again begins with a line of it, mostly the one that was cut. */
  #isLineOfBlock(repeated: string, start: number): boolean {
    const atLine = start === 0 || this.#before[start - 1] === '\n';
    if (!this.#reopened || !atLine || repeated.trim().length < 3) return false;
    return !repeated.endsWith('\n') || lettersOf(repeated) >= INSIDE.letters;
  }

  /** One space between words where the model wrote two, or none after a sentence; code keeps what it has. */
  #spaced(held: string): string {
    if (this.#fence !== null) return held;
    const line = this.#before.slice(this.#before.lastIndexOf('\n') + 1);
    if (line.trim() === '') return held;
    if (/\S $/u.test(line) && /^ +\S/u.test(held)) return held.trimStart();
    const lastWord = line.slice(line.lastIndexOf(' ') + 1);
    const sentence = /\p{Ll}{2}[.!?]$/u.test(lastWord) && !/[`/\\@_]/u.test(lastWord) && /^\p{Lu}\p{Ll}/u.test(held);
    return sentence ? ` ${held}` : held;
  }
}

/** Lengths of what the end of `before` and the beginning of `text` have in common, longest first. Linear in both. */
function overlapsOf(before: string, text: string): number[] {
  const end = before.slice(-text.length);
  // Borders of text + mark + end, by the prefix function of Knuth, Morris and Pratt; the mark occurs in neither.
  const joined = `${text.slice(0, end.length)}\u{0}${end.replaceAll('\u{0}', '\u{1}')}`;
  const borders = new Int32Array(joined.length);
  for (let at = 1, size = 0; at < joined.length; at += 1) {
    while (size > 0 && joined[at] !== joined[size]) size = borders[size - 1] ?? 0;
    if (joined[at] === joined[size]) size += 1;
    borders[at] = size;
  }
  const found: number[] = [];
  for (let size = borders.at(-1) ?? 0; size > 0 && found.length < MAX_CANDIDATES; size = borders[size - 1] ?? 0) found.push(size);
  return found;
}

function lettersOf(text: string): number {
  return text.match(letters)?.length ?? 0;
}

function isLong(text: string, least: { readonly letters: number; readonly words: number }): boolean {
  const words = unspaced.test(text) ? least.words : text.trim().split(/\s+/u).length;
  return words >= least.words && lettersOf(text) >= least.letters;
}

function hasEnded(text: string): boolean {
  return text.endsWith('\n') || endings.has(text.trimEnd().at(-1) ?? '');
}

function isInWord(text: string, start: number): boolean {
  return wordCharacter.test(text[start - 1] ?? ' ') && wordCharacter.test(text[start] ?? ' ');
}

/** `… the quick bro` + `brown fox`: a word was cut and is written again from its beginning. */
function restartsWord(repeated: string, after: string): boolean {
  const word = /\p{L}+$/u.exec(repeated.slice(-100))?.[0] ?? '';
  if (!/^\p{L}/u.test(after)) return false;
  // `ha` + `haha`, `ACGT` + `ACGTACGT`: the same again is how such a word goes on.
  if (isPeriodic(word) || after.startsWith(word.slice(0, LOOK_AHEAD))) return false;
  if (word.length < repeated.length) return word.length >= 2;
  return word.length >= 3;
}

function isPeriodic(word: string): boolean {
  for (let period = 1; period <= word.length / 2; period += 1) if (word.startsWith(word.slice(period))) return true;
  return false;
}
