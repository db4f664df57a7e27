import { randomBytes } from 'node:crypto';
import type Database from 'libsql';
import type { IndexSpec } from '../../lib/document-store.ts';
import type { CollectionCatalog, CollectionRules } from './collection-catalog.ts';
import { type Migration, newestSchema, pendingMigrations } from './schema-migrations.ts';
import { runSqliteMigrations } from './sqlite-migrations.ts';
import { textRow, textRows } from './sqlite-rows.ts';
import { shortHash, tableName, wordTableName } from './sqlite-schema-names.ts';

/** The value of a field in SQL. Names are checked by the catalog, so they may stand in the text. */
export function fieldSql(field: string): string {
  if (field === 'id') return 'id';
  return `CASE json_type(doc,'$.${field}') WHEN 'true' THEN x'01' WHEN 'false' THEN x'00' ELSE json_extract(doc,'$.${field}') END`;
}

/** The definition is part of the name: a changed index is another index. */
export function indexName(rules: CollectionRules, index: IndexSpec): string {
  return `i_${rules.spec.name}_${index.name}_${shortHash(indexBody(rules, index))}`;
}

/** @returns the schema version of the file, null for a new one */
export function foundSchema(db: Database.Database): number | null {
  if (db.prepare("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'meta'").raw().get() === undefined) return null;
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
  const pending = pendingMigrations(migrations, foundSchema(db) ?? newest);
  db.exec('BEGIN IMMEDIATE');
  try {
    db.exec('CREATE TABLE IF NOT EXISTS meta (key TEXT NOT NULL PRIMARY KEY, value TEXT NOT NULL)');
    for (const rules of catalog.all) createTable(db, rules);
    // Before the documents change, as they need not fit an index that is gone; the new ones come after.
    dropVanished(db, catalog);
    runSqliteMigrations(db, catalog, pending);
    setValue(db, 'schemaVersion', String(newest));
    for (const rules of catalog.all) createIndexes(db, rules);
    const key = Buffer.from(
      keptValue(db, 'cursorKey', () => randomBytes(32).toString('base64')),
      'base64',
    );
    db.exec('COMMIT');
    return key;
  } catch (error) {
    if (db.inTransaction) db.exec('ROLLBACK');
    throw error;
  }
}

function indexBody(rules: CollectionRules, index: IndexSpec): string {
  // A unique index is on its fields alone; NULLs are distinct there, which is what the port asks for.
  const fields = index.unique === true || index.fields.includes('id') ? index.fields : [...index.fields, 'id'];
  return `${index.unique === true ? 'UNIQUE ' : ''}${tableName(rules.spec.name)}(${fields.map(fieldSql).join(', ')})`;
}

function setValue(db: Database.Database, key: string, value: string): void {
  db.prepare('INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value').run(key, value);
}

function keptValue(db: Database.Database, key: string, make: () => string): string {
  db.prepare('INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO NOTHING').run(key, make());
  const kept = textRow(db.prepare('SELECT value FROM meta WHERE key = ?').raw(), key);
  if (kept === null) throw new Error('the table of facts lost a row');
  return kept;
}

function createTable(db: Database.Database, rules: CollectionRules): void {
  db.exec(`CREATE TABLE IF NOT EXISTS ${tableName(rules.spec.name)} (id TEXT NOT NULL PRIMARY KEY, doc TEXT NOT NULL)`);
}

function createIndexes(db: Database.Database, rules: CollectionRules): void {
  for (const index of rules.indexes.values()) {
    const body = indexBody(rules, index);
    const [kind, on] = body.startsWith('UNIQUE ') ? ['UNIQUE INDEX', body.slice('UNIQUE '.length)] : ['INDEX', body];
    db.exec(`CREATE ${kind} IF NOT EXISTS ${indexName(rules, index)} ON ${on}`);
  }
  if (rules.spec.search !== undefined) createWordTable(db, rules, rules.spec.search);
}

function createWordTable(db: Database.Database, rules: CollectionRules, search: { owner: string; words: string }): void {
  const table = wordTableName(rules);
  if (db.prepare("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?").raw().get(table) !== undefined) return;
  db.exec(`CREATE TABLE ${table} (owner TEXT NOT NULL, word TEXT NOT NULL, id TEXT NOT NULL, PRIMARY KEY (owner, word, id)) WITHOUT ROWID`);
  db.exec(`CREATE INDEX ${table}_by_id ON ${table} (id, word)`);
  db.exec(`INSERT OR IGNORE INTO ${table} (owner, word, id)
    SELECT json_extract(doc,'$.${search.owner}'), each.value, ${tableName(rules.spec.name)}.id
    FROM ${tableName(rules.spec.name)}, json_each(doc,'$.${search.words}') AS each
    WHERE json_type(doc,'$.${search.owner}') = 'text' AND each.type = 'text'`);
}

/** Drops indexes and word tables that are no longer declared. Documents are never dropped. */
function dropVanished(db: Database.Database, catalog: CollectionCatalog): void {
  const wanted = new Set(
    catalog.all.flatMap((rules) => [wordTableName(rules), ...[...rules.indexes.values()].map((index) => indexName(rules, index))]),
  );
  const own = db.prepare(
    "SELECT name FROM sqlite_master WHERE (type = 'index' AND name GLOB 'i_*') OR (type = 'table' AND name GLOB 'w_*')",
  );
  for (const name of textRows(own.raw())) {
    if (!wanted.has(name)) db.exec(`DROP ${name.startsWith('w_') ? 'TABLE' : 'INDEX'} "${name}"`);
  }
}
