import { copyFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'libsql';

export type StoredRows = Readonly<Record<string, readonly Readonly<Record<string, unknown>>[]>>;

/** Every document of a running server's embedded store, by collection, from a copy of its files: the server keeps the lock on the originals. */
export function readEmbeddedStore(dataDir: string): StoredRows {
  const copy = mkdtempSync(join(tmpdir(), 'jarvis-copy-'));
  const file = 'jarvis-argus.db';
  try {
    // The log first: what it holds may be in the file already, never the other way round.
    for (const name of [`${file}-wal`, file]) if (existsSync(join(dataDir, name))) copyFileSync(join(dataDir, name), join(copy, name));
    const db = new Database(join(copy, file));
    try {
      const tables = db.prepare("SELECT name FROM sqlite_master WHERE type = 'table' AND name GLOB 'c_*' ORDER BY name").raw().all();
      return Object.fromEntries(
        tables.map((row) => {
          const table = String(Array.isArray(row) ? row[0] : row);
          const rows = db.prepare(`SELECT doc FROM ${table} ORDER BY id`).raw().all();
          return [table.slice('c_'.length), rows.map((one) => JSON.parse(String(Array.isArray(one) ? one[0] : one)))];
        }),
      );
    } finally {
      db.close();
    }
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}
