import type { Change, Document, DocumentStore, FindQuery, Scalar } from '../../../src/lib/document-store.ts';
import { UniqueViolationError } from '../../../src/lib/store-errors.ts';

type Row = Record<string, unknown> & Document;

/** As much of the store port as uploads use, in memory; `failNextInsert` plays a broken database. */
export function createMemoryDocuments(): DocumentStore & { failInserts: Error | null; size(collection: string): number } {
  const collections = new Map<string, Map<string, Row>>();
  const of = (name: string): Map<string, Row> => {
    const found = collections.get(name) ?? new Map<string, Row>();
    collections.set(name, found);
    return found;
  };
  const meets = (row: Row, expect: Readonly<Record<string, Scalar>> = {}) =>
    Object.entries(expect).every(([key, value]) => (row[key] ?? null) === value);
  const indexFields: Record<string, string> = { byUnused: 'unusedSince', byOwner: 'createdAt' };

  function select(collection: string, query: Omit<FindQuery, 'cursor' | 'order'>): Row[] {
    const field = indexFields[query.index] ?? 'id';
    const { before, from } = query.range ?? {};
    return [...of(collection).values()]
      .filter((row) => meets(row, query.where))
      .filter((row) => {
        if (query.range === undefined) return true;
        const value = row[field];
        if (typeof value !== 'number') return false;
        return (typeof before !== 'number' || value < before) && (typeof from !== 'number' || value >= from);
      })
      .slice(0, query.limit);
  }

  const store = {
    failInserts: null as Error | null,
    size: (collection: string) => of(collection).size,
    async insert(collection: string, document: Document) {
      if (store.failInserts !== null) throw store.failInserts;
      if (of(collection).has(document.id)) throw new UniqueViolationError(collection, 'id');
      of(collection).set(document.id, { ...document });
    },
    async put(collection: string, document: Document) {
      of(collection).set(document.id, { ...document });
    },
    async get<T extends Document>(collection: string, id: string) {
      return (of(collection).get(id) ?? null) as T | null;
    },
    async getMany<T extends Document>(collection: string, ids: readonly string[]) {
      return ids.flatMap((id) => of(collection).get(id) ?? []) as Document[] as T[];
    },
    async find<T extends Document>(collection: string, query: FindQuery) {
      const items = select(collection, { ...query, limit: 1000 });
      const start = Number(query.cursor ?? 0);
      const end = start + query.limit;
      return { items: items.slice(start, end) as Document[] as T[], nextCursor: end < items.length ? String(end) : null };
    },
    async count(collection: string, query: Omit<FindQuery, 'cursor' | 'order'>) {
      return select(collection, query).length;
    },
    async search() {
      return { items: [], nextCursor: null };
    },
    async update<T extends Document>(collection: string, id: string, change: Change) {
      const row = of(collection).get(id);
      if (row === undefined || !meets(row, change.expect)) return null;
      const next: Row = { ...row, ...change.set, id };
      for (const [key, by] of Object.entries(change.increment ?? {})) next[key] = Number(row[key] ?? 0) + by;
      of(collection).set(id, next);
      return next as Document as T;
    },
    async delete(collection: string, id: string, expect?: Readonly<Record<string, Scalar>>) {
      const row = of(collection).get(id);
      return row !== undefined && meets(row, expect) && of(collection).delete(id);
    },
    async deleteMany(collection: string, query: Omit<FindQuery, 'cursor' | 'order'>) {
      const rows = select(collection, query);
      for (const { id } of rows) of(collection).delete(id);
      return rows.length;
    },
    async batch(operations: Parameters<DocumentStore['batch']>[0]) {
      for (const operation of operations) {
        if (operation.type !== 'insertIfAbsent') throw new Error('not played here');
        if (!of(operation.collection).has(operation.document.id))
          of(operation.collection).set(operation.document.id, { ...operation.document });
      }
    },
    async now() {
      return Date.now();
    },
  };
  return store;
}
