import type {
  BatchOperation,
  Change,
  CollectionSpec,
  Document,
  DocumentStore,
  FindQuery,
  IndexSpec,
  Scalar,
} from '../../src/lib/document-store.ts';
import { BadCursorError, BadQueryError, ExpectationError, UniqueViolationError } from '../../src/lib/store-errors.ts';

type Row = Document & { readonly [key: string]: unknown };
type Collection = { readonly spec: CollectionSpec; rows: Map<string, Row> };

/** The document store's contract in memory, for tests that are not about a database. A batch is all or nothing. */
export function createMemoryDocuments(specs: readonly CollectionSpec[], now: () => number = Date.now): DocumentStore {
  const collections = new Map<string, Collection>(specs.map((spec) => [spec.name, { spec, rows: new Map() }]));

  function open(name: string): Collection {
    const collection = collections.get(name);
    if (collection === undefined) throw new BadQueryError(`no collection ${name}`);
    return collection;
  }

  function checkUnique({ spec, rows }: Collection, row: Row): void {
    for (const index of spec.indexes.filter((each) => each.unique === true)) {
      const values = index.fields.map((field) => row[field] ?? null);
      if (values.includes(null)) continue;
      for (const other of rows.values()) {
        if (other.id !== row.id && index.fields.every((field, at) => other[field] === values[at])) {
          throw new UniqueViolationError(spec.name, index.name);
        }
      }
    }
  }

  function write(name: string, document: Document, mode: 'insert' | 'put' | 'absent'): void {
    const collection = open(name);
    if (typeof document.id !== 'string' || document.id === '') throw new BadQueryError('an id is a non-empty string');
    const exists = collection.rows.has(document.id);
    if (exists && mode === 'insert') throw new UniqueViolationError(name, 'id');
    if (exists && mode === 'absent') return;
    const row = copy<Row>(document);
    checkUnique(collection, row);
    collection.rows.set(row.id, row);
  }

  function meets(row: Row, expect: Readonly<Record<string, Scalar>> = {}): boolean {
    return Object.entries(expect).every(([field, value]) => (row[field] ?? null) === value);
  }

  function change(name: string, id: string, wanted: Change): Row | null {
    const collection = open(name);
    const row = collection.rows.get(id);
    if (row === undefined || !meets(row, wanted.expect)) return null;
    const next: Record<string, unknown> = { ...row, ...wanted.set, id };
    for (const [field, by] of Object.entries(wanted.increment ?? {})) next[field] = Number(next[field] ?? 0) + by;
    for (const field of wanted.unset ?? []) delete next[field];
    const changed = copy<Row>({ ...next, id });
    checkUnique(collection, changed);
    collection.rows.set(id, changed);
    return changed;
  }

  function matching(name: string, query: Omit<FindQuery, 'cursor'>): Row[] {
    const { spec, rows } = open(name);
    const index = spec.indexes.find((each) => each.name === query.index);
    if (index === undefined) throw new BadQueryError(`${name} has no index ${query.index}`);
    const ranged = rangeField(index, query);
    const found = [...rows.values()].filter((row) => meets(row, query.where) && inRange(row, ranged, query.range));
    const sign = query.order === 'desc' ? -1 : 1;
    return found.sort((a, b) => sign * compareBy(index, a, b));
  }

  function page<T>(rows: Row[], limit: number, cursor: string | undefined): { items: T[]; nextCursor: string | null } {
    const start = cursor === undefined ? 0 : readCursor(cursor, rows);
    const items = rows.slice(start, start + limit);
    const last = items.at(-1);
    return {
      items: items.map((row) => copy<T>(row)),
      nextCursor: last !== undefined && start + limit < rows.length ? `after-${last.id}` : null,
    };
  }

  function apply(operation: BatchOperation): void {
    switch (operation.type) {
      case 'insert':
        return write(operation.collection, operation.document, 'insert');
      case 'put':
        return write(operation.collection, operation.document, 'put');
      case 'insertIfAbsent':
        return write(operation.collection, operation.document, 'absent');
      case 'update':
        if (change(operation.collection, operation.id, operation.change) === null)
          throw new ExpectationError(operation.collection, operation.id);
        return;
      case 'delete':
        open(operation.collection).rows.delete(operation.id);
    }
  }

  const store: DocumentStore = {
    batchIsAtomic: true,
    insert: async (name, document) => write(name, document, 'insert'),
    put: async (name, document) => write(name, document, 'put'),
    get: async <T extends Document>(name: string, id: string) => {
      const row = open(name).rows.get(id);
      return row === undefined ? null : copy<T>(row);
    },
    getMany: async <T extends Document>(name: string, ids: readonly string[]) =>
      ids.flatMap((id) => {
        const row = open(name).rows.get(id);
        return row === undefined ? [] : [copy<T>(row)];
      }),
    find: async (name, query) => page(matching(name, query), query.limit, query.cursor),
    count: async (name, query) => Math.min(query.limit, matching(name, query).length),
    search: async (name, query) => {
      const { spec, rows } = open(name);
      const fields = spec.search;
      if (fields === undefined) throw new BadQueryError(`${name} has no search`);
      const found = [...rows.values()].filter((row) => row[fields.owner] === query.owner && hasWords(row[fields.words], query.words));
      return page(
        found.sort((a, b) => (a.id < b.id ? 1 : -1)),
        query.limit,
        query.cursor,
      );
    },
    update: async <T extends Document>(name: string, id: string, wanted: Change) => {
      const row = change(name, id, wanted);
      return row === null ? null : copy<T>(row);
    },
    delete: async (name, id, expect) => {
      const { rows } = open(name);
      const row = rows.get(id);
      return row !== undefined && meets(row, expect) && rows.delete(id);
    },
    deleteMany: async (name, query) => {
      const found = matching(name, query).slice(0, query.limit);
      for (const row of found) open(name).rows.delete(row.id);
      return found.length;
    },
    batch: async (operations) => {
      const before = new Map([...collections].map(([name, { rows }]) => [name, new Map(rows)]));
      try {
        for (const operation of operations) apply(operation);
      } catch (error) {
        for (const [name, rows] of before) open(name).rows = rows;
        throw error;
      }
    },
    now: async () => now(),
  };
  return store;
}

/** As JSON stores it: no `undefined`, nothing shared with the caller. The type is the caller's word, as in every store. */
function copy<T>(value: unknown): T {
  return JSON.parse(JSON.stringify(value)) as T;
}

function rangeField(index: IndexSpec, query: Omit<FindQuery, 'cursor'>): string | undefined {
  const named = Object.keys(query.where);
  const prefix = index.fields.slice(0, named.length);
  if (!named.every((field) => prefix.includes(field))) throw new BadQueryError(`${index.name} cannot serve ${named.join(', ')}`);
  return index.fields[named.length];
}

function compare(a: unknown, b: unknown): number {
  if (a === b) return 0;
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  return JSON.stringify(a ?? '') < JSON.stringify(b ?? '') ? -1 : 1;
}

function compareBy(index: IndexSpec, a: Row, b: Row): number {
  for (const field of index.fields) {
    const order = compare(a[field], b[field]);
    if (order !== 0) return order;
  }
  return compare(a.id, b.id);
}

function inRange(row: Row, field: string | undefined, range: FindQuery['range']): boolean {
  if (range === undefined) return true;
  const value = field === undefined ? undefined : row[field];
  if (value === undefined || value === null) return false;
  if (range.after !== undefined && compare(value, range.after) <= 0) return false;
  if (range.before !== undefined && compare(value, range.before) >= 0) return false;
  if (range.from !== undefined && compare(value, range.from) < 0) return false;
  return range.to === undefined || compare(value, range.to) <= 0;
}

function readCursor(cursor: string, rows: readonly Row[]): number {
  const id = /^after-(.+)$/.exec(cursor)?.[1];
  const at = rows.findIndex((row) => row.id === id);
  if (at < 0) throw new BadCursorError('not a cursor of this query');
  return at + 1;
}

function hasWords(stored: unknown, wanted: readonly string[]): boolean {
  const words = Array.isArray(stored) ? stored.filter((word) => typeof word === 'string') : [];
  return wanted.every((word, at) => words.some((each) => (at === wanted.length - 1 ? each.startsWith(word) : each === word)));
}
