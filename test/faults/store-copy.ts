import { copyFileSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'libsql';
import { temporaryName } from '../../src/services/uploads/upload-sweeper.ts';

type Row = Readonly<Record<string, unknown>>;

/** What a dead process left on the disk, read from a copy: the copy is recovered by the reader, the original stays for the server. */
export class StoreCopy {
  readonly #folder = mkdtempSync(join(tmpdir(), 'jarvis-store-copy-'));
  readonly #db: Database.Database;

  /** Nobody may have the store open. */
  constructor(dataDir: string) {
    for (const name of ['jarvis-argus.db', 'jarvis-argus.db-wal'])
      if (existsSync(join(dataDir, name))) copyFileSync(join(dataDir, name), join(this.#folder, name));
    this.#db = new Database(join(this.#folder, 'jarvis-argus.db'));
    // No statement of ours changes anything, not even by mistake.
    this.#db.pragma('query_only = ON');
  }

  /** What is wrong with the file: nothing, as a rule. */
  damage(): string[] {
    return this.#db
      .prepare('PRAGMA quick_check')
      .raw()
      .all()
      .map((row) => String((row as unknown[])[0]))
      .filter((line) => line !== 'ok');
  }

  documents(collection: string): Row[] {
    const rows = this.#db.prepare(`SELECT doc, id FROM c_${collection}`).raw().all() as [string, string][];
    return rows.map(([doc, id]) => ({ ...(JSON.parse(doc) as Row), id }));
  }

  close(): void {
    this.#db.close();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** Files that an upload left half-way and that no sweeper would ever take. */
export function strayFiles(dataDir: string): string[] {
  const list = (folder: string) => (existsSync(join(dataDir, folder)) ? readdirSync(join(dataDir, folder)) : []);
  const unfinished = list('blobs/unfinished').filter((name) => !/^[0-9a-f-]{36}$/.test(name));
  return [...list('tmp').filter((name) => !temporaryName.test(name)), ...unfinished];
}
