import { describe, expect, it } from 'vitest';
import { documentNumberBucket, lastBucket, ownerMark, tokenOf } from '../../../src/infrastructure/database/sqlite-tokens.ts';
import { newId } from '../../../src/lib/new-id.ts';

describe('numbers of documents', () => {
  it('begin with the millisecond of their ULID', () => {
    const before = Date.now();
    const bucket = documentNumberBucket(newId());
    expect(bucket).toBeGreaterThanOrEqual(before);
    expect(bucket).toBeLessThanOrEqual(Date.now());
  });

  it('never stand against the order of the ids, whatever these are', () => {
    const letters = ['', '0', '9', 'A', 'H', 'I', 'J', 'Z', 'a', '-', '~', '\u{10FFFF}', 'ی'];
    const starts = letters.flatMap((one) => letters.flatMap((two) => letters.map((three) => `${one}${two}${three}`)));
    const ids = [...new Set([...starts, ...starts.map((start) => `01KBMV8${start}`)])].sort();
    const buckets = ids.map(documentNumberBucket);
    expect(buckets.every((bucket, at) => at === 0 || bucket >= (buckets[at - 1] ?? 0))).toBe(true);
    expect(buckets.every((bucket) => Number.isSafeInteger(bucket) && bucket >= 0 && bucket <= lastBucket)).toBe(true);
    expect(new Set(buckets).size).toBeGreaterThan(50);
  });
});

describe('tokens', () => {
  it('hold nothing that a tokenizer for ASCII would change or split at', () => {
    for (const word of ['Ab c', 'a"b*', 'سلام', '\uE000x', 'é', '👩‍👩‍👧', "x'--", 'ÄZ'])
      expect(tokenOf(word)).toMatch(/^[a-z0-9\u0080-\uFFFF]+$/);
  });

  it('are different for different words, and begin alike only if the words do', () => {
    const words = ['a', 'A', 'ab', 'aB', '\uE0000041', '\uE000', 'a b', 'a-b', 'سل', 'سلام', '"', '""'];
    for (const one of words)
      for (const other of words) expect([one, other, tokenOf(other).startsWith(tokenOf(one))]).toEqual([one, other, other.startsWith(one)]);
  });

  it('keep people apart', () => {
    const marks = ['a', 'b', 'A', '', 'a '].map(ownerMark);
    expect(new Set(marks).size).toBe(5);
    for (const mark of marks) expect(mark).toMatch(/^[a-z0-9]{16}$/);
  });
});
