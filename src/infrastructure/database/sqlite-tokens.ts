import { createHash } from 'node:crypto';
import { LruMap } from '../../lib/lru-map.ts';

const digits = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const timeDigits = 10;
/** 43 bits of milliseconds: until the year 2248. The rest of a 63-bit number counts inside a bucket. */
export const lastBucket = 2 ** 43 - 1;
const ownersKept = 1000;
const owners = new LruMap<string, string>(ownersKept);

/**
 * The millisecond that a ULID begins with. Of any other text a number that keeps its order: what is no digit of a ULID falls behind all
 * that begins with the digit before it. Two ids never stand in the order of their buckets unless it is their own.
 */
export function documentNumberBucket(id: string): number {
  let bucket = 0;
  for (let at = 0; at < timeDigits; at += 1) {
    const rank = rankOf(id[at]);
    const left = 32 ** (timeDigits - at);
    if (rank === -1) return Math.min(bucket * left, lastBucket);
    // Behind everything that begins with the digit.
    if (!Number.isInteger(rank)) return Math.min((bucket * 32 + Math.ceil(rank)) * (left / 32) - 1, lastBucket);
    bucket = bucket * 32 + rank;
  }
  return Math.min(bucket, lastBucket);
}

/** Of a digit its value; of what lies behind a digit its value and a half; -1 of what lies before all, as the end of a text does. */
function rankOf(letter: string | undefined): number {
  if (letter === undefined) return -1;
  const exact = digits.indexOf(letter);
  if (exact !== -1) return exact;
  let rank = -1;
  while (rank < 31 && (digits[rank + 1] ?? '') < letter) rank += 1;
  return rank === -1 ? -1 : rank + 0.5;
}

/** What every token of a person begins with: 64 bits of a hash, in the same letters as tokens. */
export function ownerMark(owner: string): string {
  const known = owners.get(owner);
  if (known !== undefined) return known;
  const mark = createHash('sha256').update(owner).digest('hex').slice(0, 16);
  owners.set(owner, mark);
  return mark;
}

const escape = '\uE000';
const foreign = /[^a-z0-9\u0080-\uDFFF\uE001-\uFFFF]/g;

/** All words of a document, each behind its owner, in one text. */
export function tokensOf(owner: string, words: readonly string[]): string {
  const mark = ownerMark(owner);
  const separator = ` ${mark}`;
  // Nearly all words need no other letters: looked at once, together.
  const plain = words.join('');
  const tokens = plain.search(foreign) === -1 ? words : words.map(tokenOf);
  return `${mark}${tokens.join(separator)}`;
}

/** A word in letters that the tokenizer leaves alone: small ASCII letters, digits and all that is not ASCII. Beginnings stay beginnings. */
export function tokenOf(word: string): string {
  return word.replace(foreign, (letter) => `${escape}${letter.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
