import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type CacheLevel, contentKey, MultiLevelCache, type MultiLevelCacheOptions } from '../../../src/core/index.ts';
import { silentLogger } from '../../../src/lib/logger.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const text = (value: Uint8Array | null) => (value === null ? null : new TextDecoder().decode(value));

function fakeLevel() {
  const entries = new Map<string, Uint8Array>();
  const state = { reads: 0, broken: false, hold: Promise.resolve() };
  const level: CacheLevel = {
    async get(digest) {
      state.reads += 1;
      await state.hold;
      if (state.broken) throw new Error('the disk is gone');
      return entries.get(digest) ?? null;
    },
    async put(digest, value) {
      if (state.broken) throw new Error('the disk is full');
      entries.set(digest, value);
    },
    async delete(digest) {
      if (state.broken) throw new Error('the disk is gone');
      entries.delete(digest);
    },
  };
  return { entries, state, level };
}

function cacheOver(below: CacheLevel | null, options: Partial<MultiLevelCacheOptions> = {}): MultiLevelCache {
  return new MultiLevelCache({ memoryBytes: 100, maxEntryBytes: 60, below, logger: silentLogger, ...options });
}

describe('MultiLevelCache', () => {
  it('finds in memory what was set, and below it after a restart', async () => {
    const { level, state } = fakeLevel();
    const cache = cacheOver(level);
    await cache.set('a', bytes('one'));
    expect(text(await cache.get('a'))).toBe('one');
    expect(state.reads).toBe(0);
    const again = cacheOver(level);
    expect(text(await again.get('a'))).toBe('one');
    expect(text(await again.get('a'))).toBe('one');
    expect(state.reads).toBe(1);
    expect(again.counts()).toMatchObject({ memory: 1, below: 1, misses: 0, entries: 1, bytes: 3 });
  });

  it('never holds more in memory than it may, and lets go of what was not used for the longest time', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ key: fc.constantFrom('a', 'b', 'c', 'd'), size: fc.nat(80) }), { maxLength: 40 }),
        async (writes) => {
          const cache = cacheOver(null);
          const last = new Map<string, number>();
          for (const { key, size } of writes) {
            await cache.set(key, new Uint8Array(size));
            if (size <= 60) last.set(key, size);
            expect(cache.counts().bytes).toBeLessThanOrEqual(100);
            if (size <= 60) expect((await cache.get(key))?.length).toBe(size);
          }
          for (const [key, size] of last) expect((await cache.get(key))?.length ?? size).toBe(size);
        },
      ),
    );
    const cache = cacheOver(null);
    for (const key of ['a', 'b']) await cache.set(key, new Uint8Array(45));
    await cache.get('a');
    await cache.set('c', new Uint8Array(45));
    expect(await cache.get('b')).toBeNull();
    expect(await cache.get('a')).not.toBeNull();
  });

  it('keeps nothing at any level that is too large', async () => {
    const { level, entries } = fakeLevel();
    const cache = cacheOver(level);
    await cache.set('a', new Uint8Array(61));
    expect(entries.size).toBe(0);
    expect(await cache.get('a')).toBeNull();
  });

  it('takes a damaged entry for none, whatever the damage, and throws it away', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(), fc.integer({ min: 1, max: 255 }), fc.constantFrom('flip', 'cut', 'empty'), async (at, by, damage) => {
        const { level, entries } = fakeLevel();
        await cacheOver(level).set('a', bytes('a result'));
        const [digest, stored] = [...entries][0] ?? ['', new Uint8Array()];
        const spoilt = Uint8Array.from(stored);
        spoilt[at % spoilt.length] = (spoilt[at % spoilt.length] ?? 0) ^ by;
        const cut = stored.slice(0, at % stored.length);
        entries.set(digest, damage === 'flip' ? spoilt : damage === 'cut' ? cut : new Uint8Array());
        const cache = cacheOver(level);
        expect(await cache.get('a')).toBeNull();
        expect(entries.size).toBe(0);
        expect(cache.counts().damaged).toBe(1);
      }),
    );
  });

  it('does not take the entry of one key for that of another', async () => {
    const { level, entries } = fakeLevel();
    const cache = cacheOver(level);
    await cache.set('a', bytes('of a'));
    const ofA = [...entries.values()][0] ?? new Uint8Array();
    await cache.set('b', bytes('of b'));
    for (const digest of entries.keys()) entries.set(digest, ofA);
    expect(await cacheOver(level).get('b')).toBeNull();
  });

  it('is never the reason that something fails', async () => {
    const { level, state } = fakeLevel();
    const cache = cacheOver(level);
    state.broken = true;
    await cache.set('a', bytes('one'));
    expect(text(await cache.get('a'))).toBe('one');
    expect(await cache.get('b')).toBeNull();
    await cache.delete('a');
    expect(await cache.get('a')).toBeNull();
  });

  it('reads below once for all who ask at the same time, and keeps nothing that was deleted meanwhile', async () => {
    const { level, state } = fakeLevel();
    await cacheOver(level).set('a', bytes('one'));
    let go = () => {};
    state.hold = new Promise((resolve) => {
      go = resolve;
    });
    const cache = cacheOver(level);
    const reads = [cache.get('a'), cache.get('a')];
    const deleted = cache.delete('a');
    go();
    await Promise.all(reads);
    await deleted;
    expect(state.reads).toBe(1);
    expect(await cache.get('a')).toBeNull();
  });

  it('makes the same key of the same things in any order, and another one of others', () => {
    expect(contentKey('u1', { a: 1, b: [2, { c: 3, d: 4 }] })).toBe(contentKey('u1', { b: [2, { d: 4, c: 3 }], a: 1 }));
    const keys = [contentKey('u1', 'x'), contentKey('u1x', ''), contentKey('u1', { x: 1 }), contentKey('u1', [['x', 1]]), contentKey('u1')];
    expect(new Set(keys).size).toBe(keys.length);
  });
});
