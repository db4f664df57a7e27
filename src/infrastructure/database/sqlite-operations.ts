import type Database from 'libsql';
import { BadQueryError, ExpectationError, UniqueViolationError } from '../../lib/store-errors.ts';
import type { CollectionCatalog, CollectionRules } from './collection-catalog.ts';
import { applyChange, type CleanChange, type JsonObject, meets } from './document-rules.ts';
import type { FindPlan, SearchPlan } from './find-plan.ts';
import { searchEntry } from './search-entry.ts';
import type { SearchEntry, SqliteOperation, SqlValue } from './sqlite-protocol.ts';
import { textRow, textRows } from './sqlite-rows.ts';
import { indexName } from './sqlite-schema.ts';
import { tableName, wordTableName } from './sqlite-schema-names.ts';
import { phaseSql, searchSql } from './sqlite-text.ts';

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
}

export function createSqliteOperations(db: Database.Database, catalog: CollectionCatalog): SqliteOperations {
  const prepare = createStatementCache(db);
  const { apply, remove } = createWrites(prepare, catalog);

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
    applyOrThrow(operation) {
      if (apply(operation) === null) throw new ExpectationError(operation.collection, operation.id);
    },
    deleteMany(collection, plan) {
      const rules = catalog.collection(collection);
      return select(collection, plan, 'id').filter((id) => remove(rules, id, [])).length;
    },
    get: (collection, ids) => ids.flatMap((id) => readDocument(prepare, catalog.collection(collection).spec.name, id) ?? []),
    scan: (collection, after, limit) =>
      textRows(
        prepare(`SELECT doc FROM ${tableName(catalog.collection(collection).spec.name)} WHERE id > ? ORDER BY id LIMIT ?`),
        after,
        limit,
      ),
    find: (collection, plan) => select(collection, plan, 'doc'),
    count: (collection, plan) => select(collection, plan, 'id').length,
    search(collection, plan) {
      const { sql, values } = searchSql(catalog.collection(collection), plan);
      return textRows(prepare(sql), ...values);
    },
  };
}

type Prepare = (sql: string) => Database.Statement;

function readDocument(prepare: Prepare, collection: string, id: string): string | null {
  return textRow(prepare(`SELECT doc FROM ${tableName(collection)} WHERE id = ?`), id);
}

function createWrites(prepare: Prepare, catalog: CollectionCatalog): SqliteWrites {
  function run(sql: string, ...values: SqlValue[]): number {
    return prepare(sql).run(...values).changes;
  }

  function write(rules: CollectionRules, sql: string, values: readonly [string, string]): number {
    try {
      return run(sql, ...values);
    } catch (error) {
      throw uniqueViolation(rules, error) ?? error;
    }
  }

  function indexWords(rules: CollectionRules, id: string, entry: SearchEntry | null): void {
    if (rules.spec.search === undefined) return;
    const table = wordTableName(rules);
    run(`DELETE FROM ${table} WHERE id = ?`, id);
    if (entry === null || entry.owner === null) return;
    for (const word of new Set(entry.words)) run(`INSERT INTO ${table} (owner, word, id) VALUES (?, ?, ?)`, entry.owner, word, id);
  }

  function update(rules: CollectionRules, id: string, change: CleanChange): string | null {
    const before = readDocument(prepare, rules.spec.name, id);
    if (before === null) return null;
    const document = applyChange(parseDocument(before), change);
    if (document === null) return null;
    const json = JSON.stringify(document);
    if (json === before) return json;
    write(rules, `UPDATE ${tableName(rules.spec.name)} SET doc = ?2 WHERE id = ?1`, [id, json]);
    if (touchesSearch(rules, change)) indexWords(rules, id, searchEntry(rules, document));
    return json;
  }

  function remove(rules: CollectionRules, id: string, expect: CleanChange['expect']): boolean {
    if (expect.length > 0) {
      const before = readDocument(prepare, rules.spec.name, id);
      if (before === null || !meets(parseDocument(before), expect)) return false;
    }
    const deleted = run(`DELETE FROM ${tableName(rules.spec.name)} WHERE id = ?`, id) > 0;
    if (deleted) indexWords(rules, id, null);
    return deleted;
  }

  function apply(operation: SqliteOperation): boolean | string | null {
    const rules = catalog.collection(operation.collection);
    if (operation.type === 'update') return update(rules, operation.id, operation.change);
    if (operation.type === 'delete') return remove(rules, operation.id, operation.expect);
    const written =
      write(rules, `${insertSql(tableName(operation.collection))} ${onConflict[operation.type]}`, [operation.id, operation.json]) > 0;
    if (written) indexWords(rules, operation.id, operation.search);
    return written;
  }

  return { apply, remove };
}

interface SqliteWrites {
  apply(operation: SqliteOperation): boolean | string | null;
  remove(rules: CollectionRules, id: string, expect: CleanChange['expect']): boolean;
}

const onConflict = {
  insert: '',
  put: 'ON CONFLICT (id) DO UPDATE SET doc = excluded.doc',
  insertIfAbsent: 'ON CONFLICT (id) DO NOTHING',
} as const;

function insertSql(table: string): string {
  return `INSERT INTO ${table} (id, doc) VALUES (?1, ?2)`;
}

function touchesSearch(rules: CollectionRules, change: CleanChange): boolean {
  const { search } = rules.spec;
  if (search === undefined) return false;
  return [search.owner, search.words].some((field) => field in change.set || change.unset.includes(field) || field in change.increment);
}

function parseDocument(json: string): JsonObject {
  // The worker stores nothing but what `cleanDocument` made.
  const document: JsonObject = JSON.parse(json);
  return document;
}

/** Statements are kept, as preparing costs more than running. */
function createStatementCache(db: Database.Database): Prepare {
  const statements = new Map<string, Database.Statement>();
  const maxStatements = 500;

  return function prepare(sql: string): Database.Statement {
    const known = statements.get(sql);
    if (known !== undefined) return known;
    const statement = db.prepare(sql);
    if (statement.reader) statement.raw();
    if (statements.size >= maxStatements) statements.clear();
    statements.set(sql, statement);
    return statement;
  };
}

function uniqueViolation(rules: CollectionRules, error: unknown): UniqueViolationError | null {
  if (!(error instanceof Error) || !('code' in error)) return null;
  if (error.code !== 'SQLITE_CONSTRAINT_UNIQUE' && error.code !== 'SQLITE_CONSTRAINT_PRIMARYKEY') return null;
  const named = /index '([^']+)'/.exec(error.message)?.[1];
  const index = [...rules.indexes.values()].find((candidate) => indexName(rules, candidate) === named);
  return new UniqueViolationError(rules.spec.name, index?.name ?? 'id');
}
