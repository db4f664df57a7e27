import type Database from 'libsql';
import { ExpectationError } from '../../lib/store-errors.ts';
import type { CollectionCatalog } from './collection-catalog.ts';
import type { SearchPlan } from './find-plan.ts';
import type { SqliteOperation, SqliteSelect, SqliteStatement } from './sqlite-protocol.ts';
import { textRows } from './sqlite-rows.ts';
import { tableName } from './sqlite-schema-names.ts';
import { createStatementCache } from './sqlite-statements.ts';
import { createSqliteTextIndex, type SqliteTextIndex } from './sqlite-text-index.ts';
import { createSqliteWrites, readDocument } from './sqlite-writes.ts';

/** Runs operations and queries on an open database; knows nothing of transactions and threads. */
export interface SqliteOperations {
  /** @returns whether it changed something, or for an update the document after it (null: not applied) */
  apply(operation: SqliteOperation): boolean | string | null;
  /** Like `apply`, and an update that does not apply throws ExpectationError. */
  applyOrThrow(operation: SqliteOperation): void;
  /** @param select of ids */
  deleteMany(collection: string, select: SqliteSelect): number;
  get(collection: string, ids: readonly string[]): string[];
  /** In the order of ids, those after `after`. */
  scan(collection: string, after: string, limit: number): string[];
  /** The first column of what its phases find, one after the other, until the limit is reached. */
  select(select: SqliteSelect): string[];
  search(collection: string, plan: SearchPlan): string[];
  /** Words wait for the end of the transaction. */
  readonly text: Pick<SqliteTextIndex, 'marks' | 'rewind' | 'flush'>;
}

export function createSqliteOperations(db: Database.Database, catalog: CollectionCatalog): SqliteOperations {
  const prepare = createStatementCache(db);
  const text = createSqliteTextIndex(prepare);
  const { apply, remove } = createSqliteWrites(prepare, catalog, text);

  function select([limit, ...phases]: SqliteSelect): string[] {
    const [first, ...more] = phases;
    if (first === undefined) return [];
    const found = run(first, limit);
    for (const phase of more) if (found.length < limit) found.push(...run(phase, limit - found.length));
    return found;
  }

  function run([sql, ...values]: SqliteStatement, limit: number): string[] {
    return textRows(prepare(sql), ...values, limit);
  }

  return {
    apply,
    text,
    applyOrThrow(operation) {
      const [, collection, id] = operation;
      if (apply(operation) === null) throw new ExpectationError(collection, id);
    },
    deleteMany(collection, ids) {
      const rules = catalog.collection(collection);
      return select(ids).filter((id) => remove(rules, id, [])).length;
    },
    get: (collection, ids) => ids.flatMap((id) => readDocument(prepare, catalog.collection(collection), id) ?? []),
    scan: (collection, after, limit) =>
      textRows(
        prepare(`SELECT doc FROM ${tableName(catalog.collection(collection).spec.name)} WHERE id > ? ORDER BY id LIMIT ?`),
        after,
        limit,
      ),
    select,
    search: (collection, plan) => text.search(catalog.collection(collection), plan),
  };
}
