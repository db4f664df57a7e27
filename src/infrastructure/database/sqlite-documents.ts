import type { Clock } from '../../lib/clock.ts';
import type { BatchOperation, Document, DocumentStore } from '../../lib/document-store.ts';
import { BadQueryError } from '../../lib/store-errors.ts';
import type { CollectionCatalog } from './collection-catalog.ts';
import type { CursorSeal } from './cursor-seal.ts';
import { checkedIds, cleanChange, cleanDocument, cleanExpectation, cleanId } from './document-rules.ts';
import { planFind, planMatch, planSearch } from './find-plan.ts';
import { searchEntry } from './search-entry.ts';
import type { SqliteConnection } from './sqlite-connection.ts';
import { columnValue, type SqliteOperation, type SqliteValue } from './sqlite-protocol.ts';
import { selectOf } from './sqlite-text.ts';

export interface SqliteDocumentsDeps {
  readonly catalog: CollectionCatalog;
  readonly connection: SqliteConnection;
  readonly clock: Clock;
  /** @throws StoreUnavailableError before the file is open */
  requireSeal(): CursorSeal;
}

/** The port over the worker: checks and plans here, on the caller's thread, so that the worker only runs. */
export function createSqliteDocuments({ catalog, connection, clock, requireSeal }: SqliteDocumentsDeps): DocumentStore {
  async function apply(operation: BatchOperation): Promise<SqliteValue> {
    return connection.call(['apply', operationFrom(catalog, operation)]);
  }

  async function get<T extends Document>(collection: string, ids: readonly string[]): Promise<T[]> {
    catalog.collection(collection);
    return documentsFrom<T>(await connection.call(['get', collection, ...ids]));
  }

  return {
    batchIsAtomic: true,
    async insert(collection, document) {
      await apply({ type: 'insert', collection, document });
    },
    async put(collection, document) {
      await apply({ type: 'put', collection, document });
    },
    get: async <T extends Document>(collection: string, id: string) => (await get<T>(collection, [cleanId(id)]))[0] ?? null,
    getMany: async <T extends Document>(collection: string, ids: readonly string[]) => get<T>(collection, checkedIds(ids)),
    async find<T extends Document>(collection: string, query: Parameters<DocumentStore['find']>[1]) {
      const rules = catalog.collection(collection);
      const { plan, cursorAfter } = planFind(rules, query, requireSeal());
      const found = documentsFrom<T>(await connection.call(['find', selectOf(rules, { ...plan, limit: plan.limit + 1 }, 'doc')]));
      return pageFrom(found, plan.limit, cursorAfter);
    },
    async count(collection, query) {
      const rules = catalog.collection(collection);
      return Number(await connection.call(['count', selectOf(rules, planMatch(rules, query), 'id')]));
    },
    async search<T extends Document>(collection: string, query: Parameters<DocumentStore['search']>[1]) {
      const { plan, cursorAfter } = planSearch(catalog.collection(collection), query, requireSeal());
      if (plan.words.length === 0) return { items: [], nextCursor: null };
      const found = documentsFrom<T>(await connection.call(['search', collection, { ...plan, limit: plan.limit + 1 }]));
      return pageFrom(found, plan.limit, ({ id }) => cursorAfter(id));
    },
    async update<T extends Document>(collection: string, id: string, change: Parameters<DocumentStore['update']>[2]) {
      const after = await apply({ type: 'update', collection, id, change });
      return typeof after === 'string' ? documentFrom<T>(after) : null;
    },
    async delete(collection, id, expect) {
      catalog.collection(collection);
      return (await connection.call(['apply', ['delete', collection, cleanId(id), cleanExpectation(expect)]])) === true;
    },
    async deleteMany(collection, query) {
      const rules = catalog.collection(collection);
      return Number(await connection.call(['deleteMany', collection, selectOf(rules, planMatch(rules, query), 'id')]));
    },
    async batch(operations) {
      const checked = operations.map((operation) => operationFrom(catalog, operation));
      if (checked.length > 0) await connection.call(['batch', checked]);
    },
    now: async () => clock.now(),
  };
}

/** @throws BadQueryError */
function operationFrom(catalog: CollectionCatalog, operation: BatchOperation): SqliteOperation {
  const rules = catalog.collection(operation.collection);
  const { collection } = operation;
  switch (operation.type) {
    case 'update':
      return ['update', collection, cleanId(operation.id), cleanChange(rules, operation.change)];
    case 'delete':
      return ['delete', collection, cleanId(operation.id), []];
    case 'insert':
    case 'put':
    case 'insertIfAbsent': {
      const document = cleanDocument(rules, operation.document);
      const json = JSON.stringify(document);
      const columns = rules.columns.map((field) => columnValue(document, field));
      return [operation.type, collection, document.id, json, searchEntry(rules, document), ...columns];
    }
    default:
      throw new BadQueryError('no such operation');
  }
}

function pageFrom<T>(found: T[], limit: number, cursorAfter: (last: T) => string): { items: T[]; nextCursor: string | null } {
  const items = found.slice(0, limit);
  const last = items.at(-1);
  return { items, nextCursor: found.length > limit && last !== undefined ? cursorAfter(last) : null };
}

export function documentsFrom<T extends Document>(value: SqliteValue): T[] {
  return Array.isArray(value) ? value.map((json: string) => documentFrom<T>(json)) : [];
}

/** The caller knows what it stored; the port cannot. */
function documentFrom<T extends Document>(json: string): T {
  const document: T = JSON.parse(json);
  return document;
}
