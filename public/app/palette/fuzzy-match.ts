export interface FuzzyMatch {
  /** Higher is better. */
  readonly score: number;
  /** Stretches `[from, to)` of the text, in UTF-16 units and in order, that were asked for. */
  readonly ranges: readonly (readonly [number, number])[];
}

/** Letters that people write for one another. */
const folded: Readonly<Record<string, string>> = { ي: 'ی', ى: 'ی', ك: 'ک', ة: 'ه', ٱ: 'ا' };

/** The text unit by unit, without case, accents and vowel signs; a unit that does not count is empty. */
function unitsOf(text: string): readonly string[] {
  return text.split('').map((unit) => {
    const plain = unit
      .normalize('NFD')
      .replace(/[\p{M}\u200C\u200D]/gu, '')
      .toLowerCase();
    return folded[plain] ?? plain;
  });
}

interface Prepared {
  readonly letters: string;
  /** Of each letter: where it stands in the text. */
  readonly places: readonly number[];
}

function prepare(text: string): Prepared {
  const letters: string[] = [];
  const places: number[] = [];
  unitsOf(text).forEach((unit, place) => {
    if (unit === '') return;
    letters.push(unit.charAt(0));
    places.push(place);
  });
  return { letters: letters.join(''), places };
}

const isWordStart = (letters: string, at: number) => at === 0 || !/[\p{L}\p{N}]/u.test(letters.charAt(at - 1));

/** Where a word begins a word of the text, stands within it, or is scattered over it in order. */
function findWord(word: string, letters: string): { score: number; hits: readonly number[] } | null {
  const run = (at: number) => Array.from({ length: word.length }, (_, index) => at + index);
  let within = -1;
  for (let at = letters.indexOf(word); at >= 0; at = letters.indexOf(word, at + 1)) {
    if (isWordStart(letters, at)) return { score: 100 - Math.min(at, 40), hits: run(at) };
    if (within < 0) within = at;
  }
  if (within >= 0) return { score: 50 - Math.min(within, 40), hits: run(within) };
  if (word.length < 2) return null;
  return scattered(word, letters);
}

/** Letter by letter, of which the first begins a word; what lies far apart is no match. */
function scattered(word: string, letters: string): { score: number; hits: readonly number[] } | null {
  const hits: number[] = [];
  let at = 0;
  for (const letter of word) {
    do at = letters.indexOf(letter, at);
    while (at >= 0 && hits.length === 0 && !isWordStart(letters, at) && ++at > 0);
    if (at < 0) return null;
    hits.push(at);
    at += 1;
  }
  const starts = hits.filter((hit) => isWordStart(letters, hit)).length;
  const spread = (hits.at(-1) ?? 0) - (hits[0] ?? 0) + 1 - word.length;
  return spread > word.length * 4 ? null : { score: 8 + starts * 4 - spread, hits };
}

/** Whether all words of a query are in a text, and how well. An empty query fits everything. */
export function fuzzyMatch(query: string, text: string): FuzzyMatch | null {
  const { letters, places } = prepare(text);
  const hits = new Set<number>();
  let score = 0;
  for (const word of prepare(query).letters.split(/\s+/)) {
    if (word === '') continue;
    const found = findWord(word, letters);
    if (found === null) return null;
    score += found.score;
    for (const hit of found.hits) hits.add(places[hit] ?? 0);
  }
  // Of two texts that fit alike, the shorter one is meant.
  return { score: score - Math.min(letters.length, 80) / 20, ranges: joined([...hits].sort((one, other) => one - other)) };
}

function joined(hits: readonly number[]): readonly (readonly [number, number])[] {
  const ranges: [number, number][] = [];
  for (const hit of hits) {
    const last = ranges.at(-1);
    if (last !== undefined && last[1] === hit) last[1] = hit + 1;
    else ranges.push([hit, hit + 1]);
  }
  return ranges;
}
