import { randomBytes } from 'node:crypto';
import type Database from 'libsql';
import type { CollectionCatalog, CollectionRules } from './collection-catalog.ts';
import { type Migration, newestSchema, pendingMigrations } from './schema-migrations.ts';
import { runSqliteMigrations } from './sqlite-migrations.ts';
import { textRow, textRows } from './sqlite-rows.ts';
import { columnName, indexBody, indexName, keptMarkName, numberTableName, tableName, textTableName } from './sqlite-schema-names.ts';
import { rebuildTextIndex } from './sqlite-text-index.ts';

/** The value of a field as the document has it. Names are checked by the catalog, so they may stand in the text. */
function documentFieldSql(field: string): string {
  return `CASE json_type(doc,'$.${field}') WHEN 'true' THEN x'01' WHEN 'false' THEN x'00' ELSE json_extract(doc,'$.${field}') END`;
}

/** @returns the schema version of the file, null for a new one */
export function foundSchema(db: Database.Database): number | null {
  if (!hasTable(db, 'meta')) return null;
  const value = textRow(db.prepare("SELECT value FROM meta WHERE key = 'schemaVersion'").raw());
  return value === null ? null : Number(value);
}

/**
 * Brings the file to what is declared, in one transaction. A change of declared indexes needs no new version: they are made
 * and dropped here.
 * @returns the key that signs cursors
 * @throws NewerSchemaError
 */
export function prepareSchema(db: Database.Database, catalog: CollectionCatalog, migrations: readonly Migration[]): Buffer {
  const newest = newestSchema(migrations);
  const found = foundSchema(db);
  const pending = pendingMigrations(migrations, found ?? newest);
  // The usual start: nothing is written, and no statement prepared for each of a hundred tables and indexes.
  if (found === newest && isAsDeclared(db, catalog)) return cursorKeyOf(db);
  db.exec('BEGIN IMMEDIATE');
  try {
    db.exec('CREATE TABLE IF NOT EXISTS meta (key TEXT NOT NULL PRIMARY KEY, value TEXT NOT NULL)');
    for (const rules of catalog.all) createTable(db, rules);
    // Before the documents change, as they need not fit an index that is gone; the new ones come after.
    dropVanished(db, catalog);
    runSqliteMigrations(db, catalog, pending);
    setValue(db, 'schemaVersion', String(newest));
    for (const rules of catalog.all) {
      fillFromDocuments(db, rules);
      createIndexes(db, rules);
    }
    const key = cursorKeyOf(db);
    db.exec('COMMIT');
    return key;
  } catch (error) {
    if (db.inTransaction) db.exec('ROLLBACK');
    throw error;
  }
}

function cursorKeyOf(db: Database.Database): Buffer {
  return Buffer.from(
    keptValue(db, 'cursorKey', () => randomBytes(32).toString('base64')),
    'base64',
  );
}

function setValue(db: Database.Database, key: string, value: string): void {
  db.prepare('INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value').run(key, value);
}

function keptValue(db: Database.Database, key: string, make: () => string): string {
  const before = textRow(db.prepare('SELECT value FROM meta WHERE key = ?').raw(), key);
  if (before !== null) return before;
  db.prepare('INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO NOTHING').run(key, make());
  const kept = textRow(db.prepare('SELECT value FROM meta WHERE key = ?').raw(), key);
  if (kept === null) throw new Error('the table of facts lost a row');
  return kept;
}

function createTable(db: Database.Database, rules: CollectionRules): void {
  const table = tableName(rules.spec.name);
  const columns = rules.columns.map((field) => `, ${columnName(field)}`).join('');
  db.exec(`CREATE TABLE IF NOT EXISTS ${table} (id TEXT NOT NULL PRIMARY KEY, doc TEXT NOT NULL${columns})`);
  const known = new Set(textRows(db.prepare('SELECT name FROM pragma_table_info(?)').raw(), table));
  for (const field of rules.columns) if (!known.has(columnName(field))) db.exec(`ALTER TABLE ${table} ADD COLUMN ${columnName(field)}`);
}

/** Brings columns and text index to what the documents hold, unless this version has kept them since. */
function fillFromDocuments(db: Database.Database, rules: CollectionRules): void {
  const mark = keptMarkName(rules);
  if (rules.columns.length === 0 || hasTable(db, mark)) return;
  const table = tableName(rules.spec.name);
  const columns = rules.columns.map(columnName).join(', ');
  const values = rules.columns.map(documentFieldSql).join(', ');
  db.exec(`UPDATE ${table} SET (${columns}) = (${values}) WHERE (${columns}) IS NOT (${values})`);
  if (rules.spec.search !== undefined) rebuildTextIndex(db, rules, rules.spec.search);
  db.exec(`CREATE TABLE ${mark} (empty)`);
}

function createIndexes(db: Database.Database, rules: CollectionRules): void {
  for (const index of rules.indexes.values()) {
    const body = indexBody(rules, index);
    const [kind, on] = body.startsWith('UNIQUE ') ? ['UNIQUE INDEX', body.slice('UNIQUE '.length)] : ['INDEX', body];
    db.exec(`CREATE ${kind} IF NOT EXISTS ${indexName(rules, index)} ON ${on}`);
  }
}

function hasTable(db: Database.Database, name: string): boolean {
  return db.prepare("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?").raw().get(name) !== undefined;
}

/** What the catalog needs besides the tables of the documents: a name says what it is for, so it is right when it is there. */
function declaredNames(catalog: CollectionCatalog): Set<string> {
  return new Set(
    catalog.all.flatMap((rules) => [
      ...(rules.columns.length === 0 ? [] : [keptMarkName(rules)]),
      ...(rules.spec.search === undefined ? [] : [numberTableName(rules), textTableName(rules)]),
      ...[...rules.indexes.values()].map((index) => indexName(rules, index)),
    ]),
  );
}

/** A text index is a virtual table with ordinary ones of its own behind it, which go with it. */
const ownNames = `SELECT name FROM sqlite_master WHERE (type = 'index' AND name GLOB 'i_*')
  OR (type = 'table' AND (name GLOB 'w_*' OR name GLOB 'n_*' OR (name GLOB 't_*' AND sql LIKE 'CREATE VIRTUAL%')))`;

function isAsDeclared(db: Database.Database, catalog: CollectionCatalog): boolean {
  const declared = declaredNames(catalog);
  const own = textRows(db.prepare(ownNames).raw());
  if (own.length !== declared.size || !own.every((name) => declared.has(name))) return false;
  const tables = new Set(textRows(db.prepare("SELECT name FROM sqlite_master WHERE type = 'table' AND name GLOB 'c_*'").raw()));
  return catalog.all.every(({ spec }) => tables.has(tableName(spec.name)));
}

/** Drops indexes, marks and text indexes that are no longer declared. Documents are never dropped. */
function dropVanished(db: Database.Database, catalog: CollectionCatalog): void {
  const declared = declaredNames(catalog);
  for (const name of textRows(db.prepare(ownNames).raw())) {
    if (!declared.has(name)) db.exec(`DROP ${name.startsWith('i_') ? 'INDEX' : 'TABLE'} "${name}"`);
  }
}
