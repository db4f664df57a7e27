import type Database from 'libsql';
import { BadQueryError, ExpectationError } from '../../lib/store-errors.ts';
import type { CollectionCatalog } from './collection-catalog.ts';
import type { FindPlan, SearchPlan } from './find-plan.ts';
import type { SqliteOperation } from './sqlite-protocol.ts';
import { textRows } from './sqlite-rows.ts';
import { indexName } from './sqlite-schema.ts';
import { tableName } from './sqlite-schema-names.ts';
import { createStatementCache } from './sqlite-statements.ts';
import { phaseSql } from './sqlite-text.ts';
import { createSqliteTextIndex, type SqliteTextIndex } from './sqlite-text-index.ts';
import { createSqliteWrites, readDocument } from './sqlite-writes.ts';

/** Runs operations and queries on an open database; knows nothing of transactions and threads. */
export interface SqliteOperations {
  /** @returns whether it changed something, or for an update the document after it (null: not applied) */
  apply(operation: SqliteOperation): boolean | string | null;
  /** Like `apply`, and an update that does not apply throws ExpectationError. */
  applyOrThrow(operation: SqliteOperation): void;
  deleteMany(collection: string, plan: FindPlan): number;
  get(collection: string, ids: readonly string[]): string[];
  /** In the order of ids, those after `after`. */
  scan(collection: string, after: string, limit: number): string[];
  find(collection: string, plan: FindPlan): string[];
  count(collection: string, plan: FindPlan): number;
  search(collection: string, plan: SearchPlan): string[];
  /** Words wait for the end of the transaction. */
  readonly text: Pick<SqliteTextIndex, 'marks' | 'rewind' | 'flush'>;
}

export function createSqliteOperations(db: Database.Database, catalog: CollectionCatalog): SqliteOperations {
  const prepare = createStatementCache(db);
  const text = createSqliteTextIndex(prepare);
  const { apply, remove } = createSqliteWrites(prepare, catalog, text);

  function select(collection: string, plan: FindPlan, column: 'doc' | 'id'): string[] {
    const rules = catalog.collection(collection);
    const spec = rules.indexes.get(plan.index);
    if (spec === undefined) throw new BadQueryError('no such index');
    const found: string[] = [];
    for (const phase of plan.phases) {
      if (found.length >= plan.limit) break;
      const source = { table: tableName(collection), index: indexName(rules, spec), column };
      const { sql, values } = phaseSql(source, phase, plan);
      found.push(...textRows(prepare(sql), ...values, plan.limit - found.length));
    }
    return found;
  }

  return {
    apply,
    text,
    applyOrThrow(operation) {
      if (apply(operation) === null) throw new ExpectationError(operation.collection, operation.id);
    },
    deleteMany(collection, plan) {
      const rules = catalog.collection(collection);
      return select(collection, plan, 'id').filter((id) => remove(rules, id, [])).length;
    },
    get: (collection, ids) => ids.flatMap((id) => readDocument(prepare, catalog.collection(collection), id) ?? []),
    scan: (collection, after, limit) =>
      textRows(
        prepare(`SELECT doc FROM ${tableName(catalog.collection(collection).spec.name)} WHERE id > ? ORDER BY id LIMIT ?`),
        after,
        limit,
      ),
    find: (collection, plan) => select(collection, plan, 'doc'),
    count: (collection, plan) => select(collection, plan, 'id').length,
    search: (collection, plan) => text.search(catalog.collection(collection), plan),
  };
}
