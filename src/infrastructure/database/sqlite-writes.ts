import { UniqueViolationError } from '../../lib/store-errors.ts';
import type { CollectionCatalog, CollectionRules } from './collection-catalog.ts';
import { applyChange, type CleanChange, meets } from './document-rules.ts';
import { searchEntry } from './search-entry.ts';
import { columnValue, type SqliteOperation, type SqlValue } from './sqlite-protocol.ts';
import { parseDocument, textRow } from './sqlite-rows.ts';
import { columnName, selectSql, tableName } from './sqlite-schema-names.ts';
import type { Prepare } from './sqlite-statements.ts';
import type { SqliteTextIndex } from './sqlite-text-index.ts';

export interface SqliteWrites {
  /** One statement each, so that what fails has changed nothing. @returns as `SqliteOperations.apply` */
  apply(operation: SqliteOperation): boolean | string | null;
  remove(rules: CollectionRules, id: string, expect: CleanChange['expect']): boolean;
}

export function readDocument(prepare: Prepare, rules: CollectionRules, id: string): string | null {
  return textRow(prepare(selectSql(rules)), id);
}

export function createSqliteWrites(prepare: Prepare, catalog: CollectionCatalog, text: Pick<SqliteTextIndex, 'mark'>): SqliteWrites {
  const insertSql = createInsertSql(catalog);

  function write(rules: CollectionRules, sql: string, values: readonly SqlValue[]): number {
    try {
      return prepare(sql).run(...values).changes;
    } catch (error) {
      throw uniqueViolation(rules, error) ?? error;
    }
  }

  function update(rules: CollectionRules, id: string, change: CleanChange): string | null {
    const json = readDocument(prepare, rules, id);
    if (json === null) return null;
    const before = parseDocument(json);
    const after = applyChange(before, change);
    if (after === null) return null;
    const changed = JSON.stringify(after);
    if (changed === json) return json;
    // An index is written anew for every column that is named here, changed or not.
    const columns = rules.columns.filter((field) => (before[field] ?? null) !== (after[field] ?? null));
    const set = columns.map((field, at) => `, ${columnName(field)} = ?${at + 3}`).join('');
    const values = columns.map((field) => columnValue(after, field));
    write(rules, `UPDATE ${tableName(rules.spec.name)} SET doc = ?2${set} WHERE id = ?1`, [id, changed, ...values]);
    if (touchesSearch(rules, change)) {
      text.mark(rules, id, { entry: searchEntry(rules, after), fresh: searchEntry(rules, before) === null });
    }
    return changed;
  }

  function remove(rules: CollectionRules, id: string, expect: CleanChange['expect']): boolean {
    if (expect.length > 0) {
      const before = readDocument(prepare, rules, id);
      if (before === null || !meets(parseDocument(before), expect)) return false;
    }
    const deleted = prepare(`DELETE FROM ${tableName(rules.spec.name)} WHERE id = ?`).run(id).changes > 0;
    if (deleted) text.mark(rules, id, { entry: null, fresh: false });
    return deleted;
  }

  return {
    remove,
    apply(operation) {
      const rules = catalog.collection(operation[1]);
      if (operation[0] === 'update') return update(rules, operation[2], operation[3]);
      if (operation[0] === 'delete') return remove(rules, operation[2], operation[3]);
      const [type, , id, json, search, ...columns] = operation;
      const written = write(rules, insertSql(rules, type), [id, json, ...columns]) > 0;
      if (written) text.mark(rules, id, { entry: search, fresh: type !== 'put' });
      return written;
    },
  };
}

type InsertType = 'insert' | 'put' | 'insertIfAbsent';

/** The text of the statement for each collection and kind, made once. */
function createInsertSql(catalog: CollectionCatalog): (rules: CollectionRules, type: InsertType) => string {
  const texts = new Map(
    catalog.all.map((rules) => {
      const columns = rules.columns.map(columnName);
      const places = columns.map((_, at) => `, ?${at + 3}`).join('');
      const insert = `INSERT INTO ${tableName(rules.spec.name)} (${['id', 'doc', ...columns].join(', ')}) VALUES (?1, ?2${places})`;
      const replaced = ['doc', ...columns].map((column) => `${column} = excluded.${column}`).join(', ');
      const put = `${insert} ON CONFLICT (id) DO UPDATE SET ${replaced}`;
      return [rules, { insert, put, insertIfAbsent: `${insert} ON CONFLICT (id) DO NOTHING` }] as const;
    }),
  );
  return (rules, type) => texts.get(rules)?.[type] ?? '';
}

function touchesSearch(rules: CollectionRules, change: CleanChange): boolean {
  const { search } = rules.spec;
  if (search === undefined) return false;
  return [search.owner, search.words].some((field) => field in change.set || change.unset.includes(field) || field in change.increment);
}

/** SQLite names the columns: `UNIQUE constraint failed: c_things.f_left, c_things.f_right`. */
function uniqueViolation(rules: CollectionRules, error: unknown): UniqueViolationError | null {
  if (!(error instanceof Error) || !('code' in error)) return null;
  if (error.code !== 'SQLITE_CONSTRAINT_UNIQUE' && error.code !== 'SQLITE_CONSTRAINT_PRIMARYKEY') return null;
  const table = tableName(rules.spec.name);
  const named = /failed: (.*)$/s.exec(error.message)?.[1] ?? '';
  const index = [...rules.indexes.values()].find(
    ({ unique, fields }) => unique === true && named === fields.map((field) => `${table}.${columnName(field)}`).join(', '),
  );
  return new UniqueViolationError(rules.spec.name, index?.name ?? 'id');
}
