import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CollectionSpec, Document, DocumentDatabase, DocumentStore, FindQuery } from '../../src/lib/document-store.ts';
import { newId } from '../../src/lib/new-id.ts';
import { BadCursorError, BadQueryError, ExpectationError, UniqueViolationError } from '../../src/lib/store-errors.ts';

export const contractCollections: readonly CollectionSpec[] = [
  {
    name: 'things',
    indexes: [
      { name: 'email', fields: ['email'], unique: true },
      { name: 'pair', fields: ['left', 'right'], unique: true },
      { name: 'byOwner', fields: ['owner', 'at'] },
      { name: 'byOwnerKind', fields: ['owner', 'kind', 'at'] },
      { name: 'byOwnerId', fields: ['owner', 'id'] },
    ],
    search: { owner: 'owner', words: 'words' },
  },
  { name: 'events', indexes: [{ name: 'bySeq', fields: ['run', 'seq'], unique: true }] },
];

export interface Thing extends Document {
  readonly owner?: string | null;
  readonly at?: number | string | boolean | null;
  readonly kind?: string | null;
  readonly email?: string | null;
  readonly left?: string | number | null;
  readonly right?: string | number | null;
  readonly words?: readonly string[];
  readonly count?: number | null;
  readonly text?: string;
  readonly [field: string]: unknown;
}

export interface ContractSetup {
  /** An empty or a shared database: every test has owners and ids of its own. */
  open(): Promise<DocumentDatabase>;
  readonly atomicBatch: boolean;
}

/** Every sentence of the port, for any store. */
export function describeDocumentStore(name: string, setup: ContractSetup): void {
  describe(name, () => {
    let database: DocumentDatabase;
    let store: DocumentStore;

    beforeAll(async () => {
      database = await setup.open();
      await database.start();
      await database.whenReady(AbortSignal.timeout(30_000));
      store = database.documents;
    });
    afterAll(() => database.close());

    async function add(...things: Thing[]): Promise<void> {
      for (const thing of things) await store.insert('things', thing);
    }

    async function readAll(query: Omit<FindQuery, 'cursor'>): Promise<Thing[]> {
      const all: Thing[] = [];
      let cursor: string | null = null;
      do {
        const page: { items: Thing[]; nextCursor: string | null } = await store.find<Thing>('things', {
          ...query,
          ...(cursor === null ? {} : { cursor }),
        });
        all.push(...page.items);
        cursor = page.nextCursor;
      } while (cursor !== null);
      return all;
    }

    const ids = (things: readonly Document[]) => things.map((thing) => thing.id);

    describe('a whole collection', () => {
      it('is read in the order of ids, page by page, to its end', async () => {
        const made = ['scan-b', 'scan-a', 'scan-c'].map((id) => ({ id, ownerId: 'scan' }));
        await add(...made);
        const all: Document[] = [];
        for (let after: string | null = null; ; ) {
          const page: Thing[] = await database.scan<Thing>('things', { after, limit: 2 });
          all.push(...page);
          const last = page.at(-1);
          if (last === undefined) break;
          after = last.id;
        }
        const found = ids(all);
        expect(found.filter((id) => id.startsWith('scan-'))).toEqual(['scan-a', 'scan-b', 'scan-c']);
        expect(new Set(found).size).toBe(found.length);
        await expect(database.scan('unknown', { after: null, limit: 1 })).rejects.toThrow();
      });
    });

    describe('documents', () => {
      it('gives back what was inserted, and null for what never was', async () => {
        const thing = { id: newId(), text: 'سلام', nested: { list: [1, 'two', null, { deep: true }] }, flag: false, none: null };
        await add(thing);
        expect(await store.get('things', thing.id)).toEqual(thing);
        expect(await store.get('things', newId())).toBeNull();
        expect(await store.get('events', thing.id)).toBeNull();
      });

      it('keeps every kind of text: Persian, Arabic, emoji, controls, quotes, NUL', async () => {
        const text = 'می‌خواهم قهوه ☕ كتاب 👩‍👩‍👧 "quoted" \\ back\n\t\u0000 end \u2028';
        const thing = { id: newId(), text };
        await add(thing);
        expect((await store.get<Thing>('things', thing.id))?.text).toBe(text);
      });

      it('replaces half a surrogate pair by U+FFFD, in values and not in keys or ids', async () => {
        const thing = { id: newId(), text: 'a\uD83Db' };
        await add(thing);
        expect((await store.get<Thing>('things', thing.id))?.text).toBe('a\uFFFDb');
        await expect(store.insert('things', { id: 'a\uD83D' })).rejects.toBeInstanceOf(BadQueryError);
      });

      it('keeps numbers exactly: fractions, large integers, negatives', async () => {
        const thing = { id: newId(), numbers: [0, -1, 1.5, 2 ** 31, 2 ** 53 - 1, -(2 ** 40), 1e300, 1760000000000] };
        await add(thing);
        expect((await store.get<Thing>('things', thing.id))?.['numbers']).toEqual(thing.numbers);
      });

      it('does not store undefined members, at any depth', async () => {
        const id = newId();
        await store.insert('things', { id, text: undefined, nested: { gone: undefined, kept: 1 } } as Document);
        expect(Object.keys((await store.get<Thing>('things', id)) ?? {})).toEqual(['id', 'nested']);
        expect((await store.get<Thing>('things', id))?.['nested']).toEqual({ kept: 1 });
      });

      it('refuses a second insert of an id, naming the key, and leaves the first', async () => {
        const id = newId();
        await add({ id, text: 'first' });
        await expect(store.insert('things', { id, text: 'second' } as Document)).rejects.toMatchObject({
          name: 'UniqueViolationError',
          collection: 'things',
          index: 'id',
        });
        expect((await store.get<Thing>('things', id))?.text).toBe('first');
      });

      it('puts: inserts or replaces the whole document', async () => {
        const id = newId();
        await store.put('things', { id, text: 'one', kind: 'a' } as Document);
        await store.put('things', { id, text: 'two' } as Document);
        expect(await store.get('things', id)).toEqual({ id, text: 'two' });
      });

      it('gets many in the order of the ids, without those that do not exist', async () => {
        const [a, b, c] = [newId(), newId(), newId()];
        await add({ id: a }, { id: b }, { id: c });
        expect(ids(await store.getMany('things', [c, newId(), a, b]))).toEqual([c, a, b]);
        expect(await store.getMany('things', [])).toEqual([]);
      });

      it('keeps a document of a megabyte', async () => {
        const thing = { id: newId(), text: 'ش'.repeat(512 * 1024) };
        await add(thing);
        expect((await store.get<Thing>('things', thing.id))?.text).toBe(thing.text);
      });

      it('deletes, says whether it did, and only while the document looks as expected', async () => {
        const id = newId();
        await add({ id, kind: 'a' });
        expect(await store.delete('things', id, { kind: 'b' })).toBe(false);
        expect(await store.delete('things', id, { kind: 'a', email: null })).toBe(true);
        expect(await store.delete('things', id)).toBe(false);
        expect(await store.get('things', id)).toBeNull();
      });
    });

    describe('unique indexes', () => {
      it('refuse a second document, by name, on insert, put and update', async () => {
        const email = `${newId()}@example.org`;
        const [first, second] = [newId(), newId()];
        await add({ id: first, email }, { id: second });
        const violation = { name: 'UniqueViolationError', collection: 'things', index: 'email' };
        await expect(store.insert('things', { id: newId(), email } as Document)).rejects.toMatchObject(violation);
        await expect(store.put('things', { id: second, email } as Document)).rejects.toMatchObject(violation);
        await expect(store.update('things', second, { set: { email } })).rejects.toMatchObject(violation);
        expect(await store.get('things', second)).toEqual({ id: second });
      });

      it('do not hold documents that lack a field, or have null there', async () => {
        const left = newId();
        await add({ id: newId() }, { id: newId() }, { id: newId(), email: null }, { id: newId(), email: null });
        await add({ id: newId(), left }, { id: newId(), left }, { id: newId(), left, right: null });
        await add({ id: newId(), left, right: 1 }, { id: newId(), left, right: 2 }, { id: newId(), left, right: '1' });
        await expect(store.insert('things', { id: newId(), left, right: 2 } as Document)).rejects.toMatchObject({ index: 'pair' });
      });

      it('follow updates: a freed value may be taken, a completed pair is held', async () => {
        const [email, left] = [newId(), newId()];
        const [a, b] = [newId(), newId()];
        await add({ id: a, email, left, right: 1 }, { id: b, left });
        await store.update('things', a, { unset: ['email'] });
        await store.update('things', b, { set: { email } });
        await expect(store.update('things', b, { set: { right: 1 } })).rejects.toMatchObject({ index: 'pair' });
        await expect(store.update('things', b, { set: { right: 0 } })).resolves.toMatchObject({ right: 0 });
        await expect(store.update('things', b, { increment: { right: 1 } })).rejects.toBeInstanceOf(UniqueViolationError);
        await store.delete('things', a);
        await expect(store.update('things', b, { increment: { right: 1 } })).resolves.toMatchObject({ right: 1 });
      });

      it('let exactly one of many writers at the same time win', async () => {
        const email = newId();
        const results = await Promise.allSettled(
          Array.from({ length: 20 }, () => store.insert('things', { id: newId(), email } as Document)),
        );
        expect(results.filter((result) => result.status === 'fulfilled')).toHaveLength(1);
        expect((await store.find('things', { index: 'email', where: { email }, limit: 10 })).items).toHaveLength(1);
      });
    });

    describe('updates', () => {
      it('set, unset and increment in one change, and answer the document after it', async () => {
        const id = newId();
        await add({ id, kind: 'a', text: 'old', count: 4 });
        const after = await store.update<Thing>('things', id, {
          expect: { kind: 'a', email: null },
          set: { text: 'new', nested: { a: [1] }, ignored: undefined },
          unset: ['kind'],
          increment: { count: 2, fresh: -1 },
        });
        expect(after).toEqual({ id, text: 'new', count: 6, nested: { a: [1] }, fresh: -1 });
        expect(await store.get('things', id)).toEqual(after);
      });

      it('change nothing while the expectation is not met, and answer null', async () => {
        const id = newId();
        await add({ id, kind: 'a', count: 1, email: null });
        for (const expectation of [{ kind: 'b' }, { kind: null }, { count: '1' }, { count: true }, { kind: 'a', count: 2 }]) {
          expect(await store.update('things', id, { expect: expectation, set: { text: 'changed' } })).toBeNull();
        }
        expect(await store.update('things', newId(), { set: { text: 'x' } })).toBeNull();
        expect(await store.get('things', id)).toEqual({ id, kind: 'a', count: 1, email: null });
        expect(await store.update('things', id, { expect: { email: null, missing: null, count: 1 } })).toMatchObject({ id });
      });

      it('let exactly one of many compare-and-sets win', async () => {
        const id = newId();
        await add({ id, kind: 'free' });
        const results = await Promise.all(
          Array.from({ length: 30 }, (_, at) => store.update('things', id, { expect: { kind: 'free' }, set: { kind: `taken-${at}` } })),
        );
        expect(results.filter((result) => result !== null)).toHaveLength(1);
      });

      it('lose no increment of 64 writers at the same time', async () => {
        const id = newId();
        await add({ id, count: 0 });
        await Promise.all(Array.from({ length: 64 }, () => store.update('things', id, { increment: { count: 1 } })));
        expect((await store.get<Thing>('things', id))?.count).toBe(64);
      });

      it('refuse to increment what is no number, to change the id, and a field named twice', async () => {
        const id = newId();
        await add({ id, text: 'words' });
        await expect(store.update('things', id, { increment: { text: 1 } })).rejects.toBeInstanceOf(BadQueryError);
        await expect(store.update('things', id, { set: { id: 'other' } })).rejects.toBeInstanceOf(BadQueryError);
        await expect(store.update('things', id, { set: { count: 1 }, increment: { count: 1 } })).rejects.toBeInstanceOf(BadQueryError);
        expect(await store.get('things', id)).toEqual({ id, text: 'words' });
      });
    });

    describe('find', () => {
      it('keeps to the values, the bounds and the order', async () => {
        const owner = newId();
        const made = [1, 2, 3, 4, 5].map((at) => ({ id: newId(), owner, at }));
        await add(...made, { id: newId(), owner: newId(), at: 3 });
        const at = async (range: NonNullable<FindQuery['range']>, order?: 'asc' | 'desc') => {
          const query = { index: 'byOwner', where: { owner }, range, limit: 100, ...(order === undefined ? {} : { order }) };
          return (await store.find<Thing>('things', query)).items.map((thing) => thing.at);
        };
        expect(await at({})).toEqual([1, 2, 3, 4, 5]);
        expect(await at({}, 'desc')).toEqual([5, 4, 3, 2, 1]);
        expect(await at({ after: 2 })).toEqual([3, 4, 5]);
        expect(await at({ from: 2 })).toEqual([2, 3, 4, 5]);
        expect(await at({ before: 4 }, 'desc')).toEqual([3, 2, 1]);
        expect(await at({ to: 4 })).toEqual([1, 2, 3, 4]);
        expect(await at({ after: 1, before: 4 })).toEqual([2, 3]);
        expect(await at({ from: 2, to: 3 }, 'desc')).toEqual([3, 2]);
        expect(await at({ after: 4, before: 2 })).toEqual([]);
      });

      it('ranges over ids, and finds by a prefix of the index in any order of keys', async () => {
        const owner = newId();
        const made = ['x', 'y', 'x'].map((kind, at) => ({ id: newId(), owner, kind, at }));
        await add(...made);
        const [first] = ids(made);
        expect(
          ids((await store.find('things', { index: 'byOwnerId', where: { owner }, range: { after: first ?? '' }, limit: 9 })).items),
        ).toEqual(ids(made).slice(1));
        expect(
          (await store.find<Thing>('things', { index: 'byOwnerKind', where: { kind: 'x', owner }, limit: 9 })).items.map((t) => t.at),
        ).toEqual([0, 2]);
        expect(
          (await store.find<Thing>('things', { index: 'byOwnerKind', where: { at: 2, kind: 'x', owner }, limit: 9 })).items.map(
            (t) => t.at,
          ),
        ).toEqual([2]);
        const byKind = await store.find<Thing>('things', { index: 'byOwnerKind', where: { owner }, order: 'desc', limit: 9 });
        expect(byKind.items.map((t) => t.at)).toEqual([1, 2, 0]);
      });

      it('tells null, numbers, texts and booleans apart; null is missing or null', async () => {
        const owner = newId();
        const values = [null, 1, '1', true, 0, false, ''];
        const made: Thing[] = values.map((at) => ({ id: newId(), owner, at }));
        await add(...made, { id: newId(), owner });
        for (const value of values) {
          const found = await store.find<Thing>('things', { index: 'byOwner', where: { owner, at: value }, limit: 9 });
          expect(found.items.map((thing) => thing.at ?? null)).toEqual(value === null ? [null, null] : [value]);
        }
        const above = await store.find<Thing>('things', { index: 'byOwner', where: { owner }, range: { from: 0 }, limit: 9 });
        expect(above.items.map((thing) => thing.at)).toEqual([0, 1]);
        const below = await store.find<Thing>('things', { index: 'byOwner', where: { owner }, range: { before: 'a' }, limit: 9 });
        expect(below.items.map((thing) => thing.at)).toEqual(['', '1']);
      });

      it.each(['asc', 'desc'] as const)('pages through everything once in %s order, with equal values and nulls', async (order) => {
        const owner = newId();
        const made: Thing[] = Array.from({ length: 41 }, (_, n) => ({
          id: newId(),
          owner,
          at: n % 4 === 0 ? null : n % 7,
          kind: n % 3 === 0 ? null : `k${n % 2}`,
        }));
        await add(...made);
        for (const index of ['byOwner', 'byOwnerKind', 'byOwnerId']) {
          const whole = (await store.find('things', { index, where: { owner }, order, limit: 1000 })).items;
          expect(new Set(ids(whole))).toEqual(new Set(ids(made)));
          for (const limit of [1, 5, 40, 41]) expect(ids(await readAll({ index, where: { owner }, order, limit }))).toEqual(ids(whole));
        }
        const ranged = { index: 'byOwner', where: { owner }, range: { after: 0, to: 5 }, order };
        expect(ids(await readAll({ ...ranged, limit: 3 }))).toEqual(ids((await store.find('things', { ...ranged, limit: 1000 })).items));
      });

      it('has no next cursor when the page ends exactly at the last document', async () => {
        const owner = newId();
        await add({ id: newId(), owner, at: 1 }, { id: newId(), owner, at: 2 });
        expect((await store.find('things', { index: 'byOwner', where: { owner }, limit: 2 })).nextCursor).toBeNull();
        expect((await store.find('things', { index: 'byOwner', where: { owner }, limit: 1 })).nextCursor).toBeTypeOf('string');
      });

      it('skips and repeats nothing that was there when others insert and delete between pages', async () => {
        const owner = newId();
        const made = Array.from({ length: 30 }, (_, n) => ({ id: newId(), owner, at: n * 10 }));
        await add(...made);
        const seen: string[] = [];
        let cursor: string | null = null;
        for (let turn = 0; turn < 30; turn += 1) {
          const page: { items: Thing[]; nextCursor: string | null } = await store.find<Thing>('things', {
            index: 'byOwner',
            where: { owner },
            order: 'desc',
            limit: 4,
            ...(cursor === null ? {} : { cursor }),
          });
          seen.push(...ids(page.items));
          await Promise.all([add({ id: newId(), owner, at: 1000 + turn }), add({ id: newId(), owner, at: turn })]);
          const last = page.items.at(-1);
          if (last !== undefined) await store.delete('things', last.id);
          cursor = page.nextCursor;
          if (cursor === null) break;
        }
        expect(new Set(seen).size).toBe(seen.length);
        for (const { id } of made) expect(seen).toContain(id);
      });

      it('refuses a cursor that it did not make, or that belongs to another query', async () => {
        const owner = newId();
        await add(...[1, 2, 3].map((at) => ({ id: newId(), owner, at })));
        const query = { index: 'byOwner', where: { owner }, limit: 1 };
        const cursor = (await store.find('things', query)).nextCursor ?? '';
        expect((await store.find('things', { ...query, cursor })).items).toHaveLength(1);
        const foreign = [
          '',
          'x',
          'undefined',
          `${cursor}A`,
          `${cursor}=`,
          cursor.slice(1),
          `${cursor.startsWith('A') ? 'B' : 'A'}${cursor.slice(1)}`,
          Buffer.from('[1,"x"]').toString('base64url'),
          'A'.repeat(100_000),
        ];
        for (const bad of foreign) await expect(store.find('things', { ...query, cursor: bad })).rejects.toBeInstanceOf(BadCursorError);
        await expect(store.find('things', { ...query, where: { owner: newId() }, cursor })).rejects.toBeInstanceOf(BadCursorError);
        await expect(store.find('things', { ...query, order: 'desc', cursor })).rejects.toBeInstanceOf(BadCursorError);
        await expect(store.find('things', { ...query, range: { after: 0 }, cursor })).rejects.toBeInstanceOf(BadCursorError);
      });

      it('counts up to the limit', async () => {
        const owner = newId();
        await add(...Array.from({ length: 7 }, (_, at) => ({ id: newId(), owner, at })));
        expect(await store.count('things', { index: 'byOwner', where: { owner }, limit: 100 })).toBe(7);
        expect(await store.count('things', { index: 'byOwner', where: { owner }, limit: 5 })).toBe(5);
        expect(await store.count('things', { index: 'byOwner', where: { owner }, range: { from: 5 }, limit: 5 })).toBe(2);
      });

      it('deletes up to the limit of what matches and nothing else', async () => {
        const [owner, other] = [newId(), newId()];
        await add(...Array.from({ length: 7 }, (_, at) => ({ id: newId(), owner, at })), { id: newId(), owner: other, at: 0 });
        const query = { index: 'byOwner', where: { owner }, range: { before: 5 } };
        expect(await store.deleteMany('things', { ...query, limit: 3 })).toBe(3);
        expect(await store.deleteMany('things', { ...query, limit: 100 })).toBe(2);
        expect(await store.deleteMany('things', { ...query, limit: 100 })).toBe(0);
        expect((await readAll({ index: 'byOwner', where: { owner }, limit: 10 })).map((thing) => thing.at)).toEqual([5, 6]);
        expect(await store.count('things', { index: 'byOwner', where: { owner: other }, limit: 10 })).toBe(1);
      });
    });

    describe('search', () => {
      it('finds Persian, Arabic and English words, all of them, the last one by its beginning', async () => {
        const owner = newId();
        const [tehran, cairo, london] = [newId(), newId(), newId()];
        await add(
          { id: tehran, owner, words: ['هوای', 'تهران', 'امروز', 'weather'] },
          { id: cairo, owner, words: ['طقس', 'القاهرة', 'اليوم', 'weather'] },
          { id: london, owner, words: ['weather', 'in', 'london', 'today'] },
        );
        const found = async (...words: string[]) => ids((await store.search('things', { owner, words, limit: 10 })).items);
        expect(await found('تهران')).toEqual([tehran]);
        expect(await found('ته')).toEqual([tehran]);
        expect(await found('القا')).toEqual([cairo]);
        expect(await found('weather')).toEqual([london, cairo, tehran]);
        expect(await found('weather', 'lon')).toEqual([london]);
        expect(await found('weather', 'امروز', 'هوا')).toEqual([tehran]);
        expect(await found('lon', 'weather')).toEqual([]);
        expect(await found('weather', 'paris')).toEqual([]);
        expect(await found()).toEqual([]);
        expect(await found('%')).toEqual([]);
        expect(await found('_')).toEqual([]);
        expect(await found('.*')).toEqual([]);
      });

      it('never leaves the owner', async () => {
        const [mine, theirs] = [newId(), newId()];
        const id = newId();
        await add(
          { id, owner: mine, words: ['secret', 'plan'] },
          { id: newId(), owner: theirs, words: ['secret', 'plan'] },
          { id: newId(), words: ['secret', 'plan'] },
        );
        expect(ids((await store.search('things', { owner: mine, words: ['secret'], limit: 10 })).items)).toEqual([id]);
        expect(ids((await store.search('things', { owner: mine, words: ['secret', 'pl'], limit: 10 })).items)).toEqual([id]);
        expect((await store.search('things', { owner: newId(), words: ['secret'], limit: 10 })).items).toEqual([]);
      });

      it('pages newest first, and knows its own cursors only', async () => {
        const owner = newId();
        const made = Array.from({ length: 9 }, () => ({ id: newId(), owner, words: ['same', 'word', 'wording'] }));
        await add(...made);
        for (const words of [['wor'], ['same', 'wor']]) {
          const first = await store.search('things', { owner, words, limit: 4 });
          const second = await store.search('things', { owner, words, limit: 4, cursor: first.nextCursor ?? '' });
          const third = await store.search('things', { owner, words, limit: 4, cursor: second.nextCursor ?? '' });
          expect(ids([...first.items, ...second.items, ...third.items])).toEqual(ids(made).reverse());
          expect(third.nextCursor).toBeNull();
          await expect(store.search('things', { owner: newId(), words, limit: 4, cursor: first.nextCursor ?? '' })).rejects.toBeInstanceOf(
            BadCursorError,
          );
        }
      });

      it('keeps the order of the ids, in whatever order they came and whatever they look like', async () => {
        const owner = newId();
        const made = ['b', 'a1', 'B-2', 'B', newId(), '01ARZ3NDEKTSV4RRFFQ69G5FAV', '01ARZ3NDEKTSV4RRFFQ69G5FAW', 'ی', 'a', newId()].map(
          (id) => `${id}${owner}`,
        );
        await add(...made.toReversed().map((id) => ({ id, owner, words: ['common', 'Odd "Word"*'] })));
        const sorted = made.toSorted().toReversed();
        for (const words of [['common'], ['common', 'Odd "W'], ['Odd "Word"*', 'com']]) {
          const found: string[] = [];
          let cursor: string | null | undefined;
          while (cursor !== null) {
            const from: { cursor?: string } = cursor === undefined ? {} : { cursor };
            const page: { items: Thing[]; nextCursor: string | null } = await store.search<Thing>('things', {
              owner,
              words,
              limit: 3,
              ...from,
            });
            found.push(...ids(page.items));
            cursor = page.nextCursor;
          }
          expect(found).toEqual(sorted);
        }
        expect((await store.search('things', { owner, words: ['odd'], limit: 3 })).items).toEqual([]);
      });

      it('follows changes of words and owner, replacements and deletions', async () => {
        const [owner, other] = [newId(), newId()];
        const id = newId();
        const found = async (word: string, whose = owner) =>
          (await store.search('things', { owner: whose, words: [word], limit: 10 })).items.length;
        await add({ id, owner, words: ['first', 'first'] });
        await store.update('things', id, { set: { words: ['second'] } });
        expect([await found('first'), await found('second')]).toEqual([0, 1]);
        await store.update('things', id, { set: { text: 'unrelated' } });
        expect(await found('second')).toBe(1);
        await store.put('things', { id, owner: other, words: ['third'] } as Document);
        expect([await found('second'), await found('third'), await found('third', other)]).toEqual([0, 0, 1]);
        await store.delete('things', id);
        expect(await found('third', other)).toBe(0);
      });
    });

    describe('batch', () => {
      it('applies every kind of operation in order', async () => {
        const [a, b] = [newId(), newId()];
        await store.batch([
          { type: 'insert', collection: 'things', document: { id: a, text: 'a' } as Document },
          { type: 'insert', collection: 'things', document: { id: b, text: 'b' } as Document },
          { type: 'insertIfAbsent', collection: 'things', document: { id: a, text: 'ignored' } as Document },
          { type: 'put', collection: 'events', document: { id: a, run: a, seq: 1 } as Document },
          { type: 'update', collection: 'things', id: a, change: { expect: { text: 'a' }, set: { text: 'changed' } } },
          { type: 'delete', collection: 'things', id: b },
          { type: 'delete', collection: 'things', id: newId() },
        ]);
        expect(await store.getMany('things', [a, b])).toEqual([{ id: a, text: 'changed' }]);
        expect(await store.get('events', a)).toEqual({ id: a, run: a, seq: 1 });
        await store.batch([]);
      });

      it('may be repeated when it inserts only what is absent', async () => {
        const id = newId();
        const email = newId();
        const batch = [{ type: 'insertIfAbsent', collection: 'things', document: { id, email } as Document }] as const;
        await store.batch(batch);
        await store.update('things', id, { set: { text: 'later' } });
        await store.batch(batch);
        expect(await store.get('things', id)).toEqual({ id, email, text: 'later' });
        await expect(
          store.batch([{ type: 'insertIfAbsent', collection: 'things', document: { id: newId(), email } as Document }]),
        ).rejects.toMatchObject({ index: 'email' });
      });

      it('ends at the first failure, and nothing after it happens', async () => {
        const [before, taken, after] = [newId(), newId(), newId()];
        await add({ id: taken });
        const insert = (id: string) => ({ type: 'insert', collection: 'things', document: { id } }) as const;
        await expect(store.batch([insert(before), insert(taken), insert(after)])).rejects.toMatchObject({
          name: 'UniqueViolationError',
          index: 'id',
        });
        expect(await store.get('things', after)).toBeNull();
        expect((await store.get('things', before)) === null).toBe(setup.atomicBatch);
      });

      it('fails with ExpectationError when an update does not apply', async () => {
        const [first, id, last] = [newId(), newId(), newId()];
        await add({ id, kind: 'a', owner: id, words: ['kept'] });
        const batch = store.batch([
          { type: 'put', collection: 'things', document: { id: first } },
          { type: 'update', collection: 'things', id, change: { expect: { kind: 'b' }, set: { text: 'x' } } },
          { type: 'put', collection: 'things', document: { id: last } },
        ]);
        await expect(batch).rejects.toBeInstanceOf(ExpectationError);
        expect(await store.get('things', last)).toBeNull();
        await expect(store.batch([{ type: 'update', collection: 'things', id: newId(), change: {} }])).rejects.toBeInstanceOf(
          ExpectationError,
        );
        expect((await store.search('things', { owner: id, words: ['kept'], limit: 1 })).items).toHaveLength(1);
      });

      it('checks every operation before it writes the first', async () => {
        const id = newId();
        await expect(
          store.batch([
            { type: 'put', collection: 'things', document: { id } },
            { type: 'put', collection: 'nowhere', document: { id } },
          ]),
        ).rejects.toBeInstanceOf(BadQueryError);
        expect(await store.get('things', id)).toBeNull();
      });
    });

    describe('what is refused', () => {
      /** What a careless caller could pass on from a request body. */
      const hostile = (value: unknown): never => value as never;

      it('operators, wherever a value may stand', async () => {
        const id = newId();
        await add({ id, owner: id, at: 1 });
        const operator = hostile({ $gt: '' });
        const refusals = [
          () => store.get('things', operator),
          () => store.getMany('things', [operator]),
          () => store.delete('things', operator),
          () => store.delete('things', id, { owner: operator }),
          () => store.update('things', operator, {}),
          () => store.update('things', id, { expect: { owner: operator } }),
          () => store.update('things', id, { expect: { $where: 'true' } }),
          () => store.update('things', id, { set: { $rename: { owner: 'x' } } }),
          () => store.update('things', id, { set: { 'owner.x': 1 } }),
          () => store.update('things', id, { set: { text: hostile({ $set: 1 }) } }),
          () => store.update('things', id, { unset: ['$x'] }),
          () => store.update('things', id, { increment: { 'a.b': 1 } }),
          () => store.update('things', id, { increment: { count: hostile('1') } }),
          () => store.insert('things', { id: newId(), owner: operator } as Document),
          () => store.insert('things', { id: newId(), $where: 1 } as Document),
          () => store.insert('things', { id: newId(), nested: { deep: [{ $ne: 1 }] } } as Document),
          () => store.insert('things', { id: newId(), 'a.b': 1 } as Document),
          () => store.insert('things', { id: newId(), _keys: {} } as Document),
          () => store.insert('things', hostile({ id: { $ne: null } })),
          () => store.find('things', { index: 'byOwner', where: { owner: operator }, limit: 1 }),
          () => store.find('things', { index: 'byOwner', where: { owner: id }, range: { after: operator }, limit: 1 }),
          () => store.find('things', { index: 'byOwner', where: { $or: hostile([]) }, limit: 1 }),
          () => store.search('things', { owner: operator, words: ['x'], limit: 1 }),
          () => store.search('things', { owner: id, words: [operator], limit: 1 }),
        ];
        for (const refusal of refusals) await expect(refusal()).rejects.toBeInstanceOf(BadQueryError);
        expect(await store.get('things', id)).toEqual({ id, owner: id, at: 1 });
      });

      it('keys that reach into objects', async () => {
        const proto = JSON.parse('{"nested":{"__proto__":{"admin":true}}}') as object;
        for (const members of [proto, { constructor: 1 }, { nested: { prototype: 1 } }]) {
          await expect(store.insert('things', { ...members, id: newId() } as Document)).rejects.toBeInstanceOf(BadQueryError);
        }
      });

      it('what JSON does not hold, too deep and too large documents', async () => {
        let deep: object = {};
        for (let level = 0; level < 200; level += 1) deep = { deep };
        const members = [
          { at: Number.NaN },
          { x: new Date() },
          { x: [undefined] },
          { x: 1n },
          { x: () => 1 },
          { deep },
          { x: 'x'.repeat(5 * 1024 * 1024) },
        ];
        for (const member of members) {
          await expect(store.insert('things', { id: newId(), ...member } as Document)).rejects.toBeInstanceOf(BadQueryError);
        }
      });

      it('undeclared collections and indexes, wrong prefixes, limits, bounds and ids', async () => {
        const query = { index: 'byOwner', where: { owner: 'x' }, limit: 1 };
        const refusals = [
          () => store.get('nowhere', 'x'),
          () => store.find('things', { ...query, index: 'nothing' }),
          () => store.find('things', { ...query, index: '__proto__' }),
          () => store.find('things', { ...query, where: { at: 1 } }),
          () => store.find('things', { ...query, where: { owner: 'x', text: 'y' } }),
          () => store.find('things', { ...query, where: { owner: 'x', at: 1 }, range: { after: 1 } }),
          () => store.find('things', { ...query, range: { after: null } }),
          () => store.find('things', { ...query, range: { after: 1, before: 'x' } }),
          () => store.find('things', { ...query, order: hostile('up') }),
          ...[0, -1, 1.5, 1001, Number.NaN, hostile('1')].map((limit) => () => store.find('things', { ...query, limit })),
          () => store.count('things', { ...query, limit: 1001 }),
          () => store.deleteMany('things', { ...query, limit: 0 }),
          () => store.get('things', ''),
          () => store.get('things', 'x'.repeat(10_000)),
          () => store.get('things', hostile(7)),
          () =>
            store.getMany(
              'things',
              Array.from({ length: 1001 }, () => 'x'),
            ),
          () => store.search('things', { owner: 'x', words: Array.from({ length: 17 }, () => 'x'), limit: 1 }),
          () => store.search('events', { owner: 'x', words: ['x'], limit: 1 }),
          () => store.insert('things', { id: newId(), words: 'no array' } as Document),
          () => store.insert('things', { id: newId(), at: [1] } as Document),
        ];
        for (const refusal of refusals) await expect(refusal()).rejects.toBeInstanceOf(BadQueryError);
      });
    });

    describe('many', () => {
      it('keeps 10,000 documents of 64 writers and finds any page of them', async () => {
        const run = newId();
        let next = 0;
        const writer = async () => {
          while (next < 10_000) {
            const from = next;
            next += 50;
            await store.batch(
              Array.from(
                { length: 50 },
                (_, n) => ({ type: 'insert', collection: 'events', document: { id: newId(), run, seq: from + n } as Document }) as const,
              ),
            );
          }
        };
        await Promise.all(Array.from({ length: 64 }, writer));
        const seqs: number[] = [];
        let cursor: string | null = null;
        do {
          const page: { items: Array<Document & { seq: number }>; nextCursor: string | null } = await store.find('events', {
            index: 'bySeq',
            where: { run },
            limit: 1000,
            ...(cursor === null ? {} : { cursor }),
          });
          seqs.push(...page.items.map((event) => event.seq));
          cursor = page.nextCursor;
        } while (cursor !== null);
        expect(seqs).toEqual(Array.from({ length: 10_000 }, (_, seq) => seq));
        expect(
          (
            await store.find<Document & { seq: number }>('events', { index: 'bySeq', where: { run }, range: { after: 7321 }, limit: 2 })
          ).items.map((e) => e.seq),
        ).toEqual([7322, 7323]);
      }, 60_000);

      it('acknowledges 64 writers at the same time and has all of it', async () => {
        const owner = newId();
        await Promise.all(
          Array.from({ length: 64 }, async (_, at) => {
            for (let n = 0; n < 5; n += 1) await store.insert('things', { id: newId(), owner, at: at * 10 + n } as Document);
          }),
        );
        expect(await store.count('things', { index: 'byOwner', where: { owner }, limit: 1000 })).toBe(320);
      });
    });

    it('tells the time of the database in milliseconds', async () => {
      expect(Math.abs((await store.now()) - Date.now())).toBeLessThan(60_000);
    });
  });
}
