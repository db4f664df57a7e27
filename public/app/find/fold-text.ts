/** Letters that people type in several ways, as the search over all conversations folds them (src/lib/normalise-words.ts). */
const foldings: Readonly<Record<string, string>> = {
  ...{ ي: 'ی', ى: 'ی', ئ: 'ی', ك: 'ک', أ: 'ا', إ: 'ا', آ: 'ا', ٱ: 'ا', ة: 'ه', ۀ: 'ه', ؤ: 'و' },
};
const nothing = /\u200c|\u200d|\u0640|[\u200e\u200f\u202a-\u202e\u2066-\u2069]|\p{M}/gu;

const known = new Map<string, string>();

function foldOther(character: string): string {
  const found = known.get(character);
  if (found !== undefined) return found;
  const plain = /\s/.test(character) ? ' ' : character.normalize('NFKC').toLowerCase();
  const folded = (foldings[plain] ?? plain)
    .normalize('NFD')
    .replace(nothing, '')
    .normalize('NFC')
    .replace(/[\u0660-\u0669]/g, (digit) => String(digit.charCodeAt(0) - 0x0660))
    .replace(/[\u06f0-\u06f9]/g, (digit) => String(digit.charCodeAt(0) - 0x06f0));
  known.set(character, folded);
  return folded;
}

/** Between blocks: no query holds it, so nothing is found across. */
export const blockEnd = '\u0000';

/** A text as it is compared: case, marks, forms of letters, digits and joiners do not count. Each character by itself, so places can be traced. */
export function foldText(text: string, onCharacter?: (folded: number, from: number) => void): string {
  let folded = '';
  let from = 0;
  for (const character of text) {
    const code = character.charCodeAt(0);
    const one = code > 0x20 && code < 0x7f ? character.toLowerCase() : character === blockEnd ? blockEnd : foldOther(character);
    if (onCharacter !== undefined) for (let index = 0; index < one.length; index += 1) onCharacter(folded.length + index, from);
    folded += one;
    from += character.length;
  }
  return folded;
}

export interface FoundRange {
  readonly from: number;
  readonly to: number;
}

/** How often a folded query stands in a folded text, none overlapping another. */
export function countIn(folded: string, query: string): number {
  if (query === '') return 0;
  let count = 0;
  for (let at = folded.indexOf(query); at >= 0; at = folded.indexOf(query, at + query.length)) count += 1;
  return count;
}

/** Where a folded query stands in a text, in characters of the text as it is. */
export function rangesIn(text: string, query: string): readonly FoundRange[] {
  if (query === '') return [];
  const places: number[] = [];
  const folded = foldText(text, (at, from) => {
    places[at] = from;
  });
  const found: FoundRange[] = [];
  for (let at = folded.indexOf(query); at >= 0; at = folded.indexOf(query, at + query.length)) {
    const from = places[at] ?? 0;
    found.push({ from, to: places[at + query.length] ?? text.length });
  }
  return found;
}
