import type Database from 'libsql';
import type { CollectionCatalog, CollectionRules } from './collection-catalog.ts';
import { cleanDocument } from './document-rules.ts';
import type { Migration } from './schema-migrations.ts';
import { parseDocument, textRows } from './sqlite-rows.ts';
import { keptMarkName, tableName } from './sqlite-schema-names.ts';

const page = 500;

/** Runs the steps inside the transaction that is open: all of them hold, or none. */
export function runSqliteMigrations(db: Database.Database, catalog: CollectionCatalog, pending: readonly Migration[]): void {
  for (const { run } of pending) {
    for (const [collection, change] of Object.entries(run)) migrateTable(db, catalog.collection(collection), change);
  }
}

function migrateTable(db: Database.Database, rules: CollectionRules, change: Migration['run'][string]): void {
  // Columns and words are made anew from the new documents.
  db.exec(`DROP TABLE IF EXISTS ${keptMarkName(rules)}`);
  const table = tableName(rules.spec.name);
  const select = db.prepare(`SELECT doc FROM ${table} WHERE id > ? ORDER BY id LIMIT ${page}`).raw();
  const update = db.prepare(`UPDATE ${table} SET doc = ? WHERE id = ?`);
  for (let after = ''; ; ) {
    const found = textRows(select, after).map(parseDocument);
    for (const document of found) {
      const changed = change(document);
      if (changed !== null) update.run(JSON.stringify(cleanDocument(rules, { ...changed, id: document.id })), document.id);
    }
    const last = found.at(-1);
    if (last === undefined) return;
    after = last.id;
  }
}
