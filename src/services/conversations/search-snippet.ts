import { createBreather } from '../../lib/breather.ts';
import { normaliseText } from '../../lib/normalise-words.ts';

/** A stretch `[from, to)` in UTF-16 units. */
export type Stretch = [from: number, to: number];

export interface Snippet {
  readonly text: string;
  /** In `text`, ascending; empty when the words stand there in a form that cannot be traced back. */
  readonly highlights: Stretch[];
}

/** Letters, digits, marks and what folding takes away between them: what becomes one word, or a few, of the index. */
const runs = /[\p{L}\p{N}\p{M}\u200c-\u200f\u202a-\u202e\u2066-\u2069]+/gu;
const ZWNJ = '\u200c';
const folded = /[\p{L}\p{N}]+/gu;
/** The index cuts its words here (`indexWords`). */
const WORD_LENGTH = 40;
/** Words behind it are not found (`indexWords`). */
const SEARCHED_CHARACTERS = 100_000;
const PIECE = 400;
const BEFORE = 40;
const LENGTH = 160;

/** Where `words` stand, by the folding of the index: each is a whole word, the last may be the beginning of one. */
export function stretchesOf(text: string, words: readonly string[]): Stretch[] {
  const found: Stretch[] = [];
  for (const { 0: run, index } of text.matchAll(runs)) {
    const length = lengthOfHit(run, words);
    if (length > 0) found.push([index, index + length]);
  }
  return found;
}

/** A line around the place of `text` that holds most of `words`. Long texts are looked through in pieces, so that others have their turn. */
export async function snippetOf(text: string, words: readonly string[]): Promise<Snippet> {
  const searched = text.slice(0, SEARCHED_CHARACTERS);
  const breathe = createBreather();
  let best = { start: 0, count: 0 };
  for (let start = 0; start < searched.length && best.count < words.length; ) {
    await breathe();
    const end = endOfPiece(searched, start);
    const count = countIn(searched.slice(start, end), words);
    if (count > best.count) best = { start, count };
    start = end;
  }
  const [first] = stretchesOf(searched.slice(best.start, best.start + 2 * PIECE), words);
  return lineAround(searched, best.start + (first?.[0] ?? 0), words);
}

function lineAround(text: string, hit: number, words: readonly string[]): Snippet {
  const start = startBefore(text, hit);
  // Twice as much, because runs of spaces become one.
  const flat = text
    .slice(start, start + 2 * LENGTH)
    .replace(/\s+/g, ' ')
    .trim();
  const cut = cutAtWord(flat);
  const goesOn = cut.length < flat.length || text.length > start + 2 * LENGTH;
  const line = `${start > 0 ? '…' : ''}${cut}${goesOn ? '…' : ''}`;
  return { text: line, highlights: stretchesOf(line, words) };
}

/** A few words before the hit, from the beginning of one. */
function startBefore(text: string, hit: number): number {
  if (hit <= BEFORE) return 0;
  const space = text.slice(hit - BEFORE, hit).search(/\s/);
  return space === -1 ? hit : hit - BEFORE + space + 1;
}

function cutAtWord(line: string): string {
  if (line.length <= LENGTH) return line;
  const cut = line.slice(0, LENGTH);
  const space = cut.lastIndexOf(' ');
  if (space > LENGTH / 2) return cut.slice(0, space);
  return /[\ud800-\udbff]$/.test(cut) ? cut.slice(0, -1) : cut;
}

/** Behind a space if there is one near, so that no word is cut in two. */
function endOfPiece(text: string, start: number): number {
  const from = start + PIECE;
  if (from >= text.length) return text.length;
  const space = text.slice(from, from + WORD_LENGTH).search(/\s/);
  return space === -1 ? from : from + space + 1;
}

/** How many of the words the piece holds. */
function countIn(piece: string, words: readonly string[]): number {
  const left = new Set(words);
  for (const word of [...foldedIn(piece), ...piecesIn(piece)]) {
    const hit = wordHit(word, words);
    if (hit !== undefined) left.delete(hit);
  }
  return words.length - left.size;
}

function foldedIn(text: string): readonly string[] {
  return normaliseText(text).match(folded) ?? [];
}

/** The pieces of words that a ZWNJ joins: somebody may have asked for them with a space between. */
function piecesIn(text: string): readonly string[] {
  return text.includes(ZWNJ) ? foldedIn(text.replaceAll(ZWNJ, ' ')) : [];
}

function wordHit(word: string, words: readonly string[]): string | undefined {
  const cut = word.slice(0, WORD_LENGTH);
  const last = words.at(-1);
  return words.find((wanted) => cut === wanted) ?? (last !== undefined && cut.startsWith(last) ? last : undefined);
}

function firstHit(parts: readonly string[], words: readonly string[]): string | undefined {
  return parts.map((part) => wordHit(part, words)).find((wanted) => wanted !== undefined);
}

/** Of the run, from its beginning; 0 when it is none of the words. */
function lengthOfHit(run: string, words: readonly string[]): number {
  const parts = foldedIn(run);
  const hit = firstHit(parts, words);
  if (hit === undefined) return firstHit(piecesIn(run), words) === undefined ? 0 : run.length;
  // Only the beginning of a word was asked for; one letter may have become several, and the other way round.
  const [only] = parts;
  if (only === undefined || parts.length > 1 || only.length === hit.length) return run.length;
  let characters = 0;
  let units = 0;
  for (const [letter] of run.matchAll(/[^]\p{M}*/gu)) {
    if (characters >= hit.length) break;
    characters += normaliseText(letter).length;
    units += letter.length;
  }
  return units;
}
