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
const oneWord = /^\p{L}+$/u;
const wordCharacter = /[\p{L}\p{M}\p{N}]/u;
/** Scripts that write words without spaces. */
const unspaced = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]/u;
/** After one of these a text may well say the same again: a line of code, a row, a refrain. */
const endings: ReadonlySet<string> = new Set('.!?…;})]|؟。！？؛');

/** What the end of a text and the beginning of its continuation have in common. */
interface Overlap {
  readonly repeated: string;
  /** What follows it in the continuation. */
  readonly after: string;
  /** How much of `repeated` is at its beginning and its end. */
  readonly own: number;
  /** The continuation began with white space. */
  readonly spaced: boolean;
}

/**
 * Joins a continued answer to its beginning. A model that is asked to go on often says the last words again, opens the code
 * block again or adds a second space; that is taken off before anybody sees it. What could be meant is let through as it is:
 * a doubled word is a smaller harm than a lost one.
 */
export class SeamTrimmer {
  readonly #before: string;
  readonly #fence: OpenFence | null;
  /** The line that opens the block, where it is the one that was cut; else ''. */
  readonly #cutFence: string;
  #held = '';
  #reopened = false;
  #done: boolean;

  /** @param before the text of the answer as it was cut */
  constructor(before: string) {
    this.#before = before.slice(-WINDOW);
    this.#fence = openFenceOf(before);
    const line = before.slice(before.lastIndexOf('\n') + 1).trimStart();
    this.#cutFence = this.#fence !== null && line.length <= MAX_FENCE_LINE && line.startsWith(this.#fence.marker) ? line : '';
    this.#done = before === '';
  }

  /** @returns what may be shown now; '' while it could still be a repetition */
  push(text: string): string {
    if (this.#done) return text;
    this.#held += text;
    if (this.#mayBeFence()) return '';
    if (this.#takeCutFence()) return this.#rest();
    this.#takeFence();
    return this.#isUndecided() ? '' : this.flush();
  }

  /** Decides with what there is. @returns what was held, without what it repeats */
  flush(): string {
    if (this.#done) return '';
    if (this.#takeCutFence()) return this.#rest();
    this.#takeFence();
    const held = this.#rest();
    const space = held.length - held.trimStart().length;
    for (const skip of space === 0 ? [0] : [0, space]) {
      const text = held.slice(skip);
      const sizes = overlapsOf(this.#before, text);
      const size = sizes.find((one, at) => {
        const seam = { repeated: text.slice(0, one), after: text.slice(one), own: sizes[at + 1] ?? 0, spaced: space > 0 };
        return this.#isRepetition(seam);
      });
      if (size !== undefined) return text.slice(size);
    }
    return this.#spaced(held);
  }

  #rest(): string {
    const held = this.#held;
    this.#held = '';
    this.#done = true;
    return held;
  }

  /** The beginning of a fence line that is not whole yet. */
  #mayBeFence(): boolean {
    if (this.#cutFence !== '') return this.#mayBeCutFence();
    if (this.#fence === null || this.#fence.language === '' || this.#reopened) return false;
    const start = this.#held.trimStart();
    if (start.includes('\n') || this.#held.length > MAX_FENCE_LINE) return false;
    return start.startsWith(this.#fence.marker) || this.#fence.marker.startsWith(start);
  }

  #mayBeCutFence(): boolean {
    const start = this.#held.trimStart();
    return this.#held.length < MAX_SPACE && start.length < this.#cutFence.length && this.#cutFence.startsWith(start);
  }

  /** ```` ```py ```` + ```` ```python ````: the line goes on where it was cut, and keeps its end. */
  #takeCutFence(): boolean {
    const start = this.#held.trimStart();
    if (this.#cutFence === '' || !start.startsWith(this.#cutFence)) return false;
    this.#held = start.slice(this.#cutFence.length);
    return true;
  }

  /** ```` ```python ```` inside of an open ```` ```python ````: a fence that closes has no language, so this one is the open one again. */
  #takeFence(): void {
    const fence = this.#fence;
    if (fence === null || this.#reopened || this.#cutFence !== '') return;
    const match = /^\s*(`{3,}|~{3,})[ \t]*([^\s`]+)[^\n`]*\n/.exec(this.#held.slice(0, MAX_FENCE_LINE));
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

  #isRepetition({ repeated, after, own, spaced }: Overlap): boolean {
    const before = this.#before;
    const start = before.length - repeated.length;
    if (this.#isLineOfBlock(repeated, start)) return true;
    if (isInWord(before, start)) return false;
    if (restartsWord(repeated, after) && !this.#mayBeNextWord(repeated, spaced)) return true;
    // What the text says twice it may say three times.
    if (before.indexOf(repeated) !== start || own * 2 >= repeated.length) return false;
    return isLong(repeated, hasEnded(before) ? AFTER_END : INSIDE);
  }

  /** Not the cut word from its beginning, but the one after it: `to` + ` tomorrow`, `How can` + `candidates` without its space. */
  #mayBeNextWord(repeated: string, spaced: boolean): boolean {
    const word = repeated.trimStart();
    if (!oneWord.test(word)) return false;
    // In code two words never stand side by side.
    return spaced || (this.#fence === null && standsIn(this.#before.slice(0, -word.length), word));
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
    if (line.trim() === '' || isInCode(line)) return held;
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

/** Whether a word stands in a text, and not only as a part of another one. */
function standsIn(text: string, word: string): boolean {
  for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + 1)) {
    if (!isInWord(text, at) && !isInWord(text, at + word.length)) return true;
  }
  return false;
}

/** Between back quotes in a line. */
function isInCode(line: string): boolean {
  return line.split('`').length % 2 === 0;
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
