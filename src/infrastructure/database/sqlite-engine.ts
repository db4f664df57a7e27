import { closeSync, fsyncSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import Database from 'libsql';
import { StoreLockedError, StoreUnavailableError } from '../../lib/store-errors.ts';
import { createCollectionCatalog } from './collection-catalog.ts';
import { type Migration, NewerSchemaError, pendingMigrations, schemaMigrations } from './schema-migrations.ts';
import { diskSentence, sqliteCode } from './sqlite-faults.ts';
import { createGroupRunner } from './sqlite-groups.ts';
import { createSqliteOperations } from './sqlite-operations.ts';
import type { SqliteReply, SqliteRequest, SqliteWorkerData } from './sqlite-protocol.ts';
import { foundSchema, prepareSchema } from './sqlite-schema.ts';
import { takeSnapshot } from './sqlite-snapshot.ts';

/** The synchronous side of the embedded store: opens the file, owns its lock, runs requests in groups. */
export interface SqliteEngine {
  readonly cursorKey: Buffer;
  /** All requests in one transaction with one commit; answers only after it. */
  runGroup(requests: readonly SqliteRequest[]): SqliteReply[];
  close(): void;
}

export interface SqliteEngineOptions {
  /** What a test puts in place of the released ones. */
  readonly migrations?: readonly Migration[];
  /** Bytes that are free on the disk of a folder. */
  readonly freeBytes?: (directory: string) => number;
  /** Told what takes longer than a start usually does: one line for the operator. */
  readonly onNote?: (text: string) => void;
}

/** @throws StoreLockedError, StoreUnavailableError */
export function openSqliteEngine(data: SqliteWorkerData, options: SqliteEngineOptions = {}): SqliteEngine {
  const catalog = createCollectionCatalog(data.collections);
  createFile(data.file);
  const db = new Database(data.file, { timeout: 0 });
  let cursorKey: Buffer;
  try {
    takeLock(db);
    snapshotBeforeMigrations(db, data.file, options);
    cursorKey = prepareSchema(db, catalog, options.migrations ?? schemaMigrations);
  } catch (error) {
    db.close();
    throw openingError(error);
  }
  const operations = createSqliteOperations(db, catalog);

  return {
    cursorKey,
    runGroup: createGroupRunner(db, data.file, operations),
    close() {
      // The log is folded into the file, so that a copy of the file alone is complete after a clean end.
      db.pragma('wal_checkpoint(TRUNCATE)');
      db.close();
    },
  };
}

/** An upgrade can be taken back: with the copy and the version before. */
function snapshotBeforeMigrations(db: Database.Database, file: string, options: SqliteEngineOptions): void {
  const { migrations = schemaMigrations, freeBytes, onNote } = options;
  const schema = foundSchema(db);
  const pending = schema === null ? [] : pendingMigrations(migrations, schema);
  if (schema === null || pending.length === 0) return;
  const name = takeSnapshot(db, { file, schema, now: Date.now(), ...(freeBytes === undefined ? {} : { freeBytes }) });
  const steps = pending.map(({ to, describe }) => `${to} (${describe})`).join(', ');
  onNote?.(`the embedded store goes from schema ${schema} to ${steps}; the snapshot before it is snapshots/${name}`);
}

function createFile(file: string): void {
  // Made before SQLite does, so that nobody else can read it at any time; its journal takes the same rights.
  closeSync(openSync(file, 'a', 0o600));
  const folder = openSync(dirname(file), 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}

/** Every commit reaches the disk before it is answered (PROMISES G1). The lock is the file's own: it ends with the process, however that ends. */
export function takeLock(db: Database.Database): void {
  db.pragma('locking_mode = EXCLUSIVE');
  db.pragma('journal_mode = WAL');
  db.pragma('synchronous = FULL');
  db.pragma('cache_size = -16384');
  db.pragma('temp_store = MEMORY');
  // A read alone would share the lock until the first write.
  db.exec('BEGIN EXCLUSIVE');
  db.exec('COMMIT');
}

function openingError(error: unknown): Error {
  const code = sqliteCode(error);
  if (code.startsWith('SQLITE_BUSY') || code.startsWith('SQLITE_LOCKED')) {
    return new StoreLockedError('another process uses the data folder: stop it, or give this one its own DATA_DIR');
  }
  if (error instanceof NewerSchemaError) return new StoreUnavailableError(`the data in DATA_DIR ${error.message}`);
  if (error instanceof StoreUnavailableError) return error;
  if (code === 'SQLITE_CONSTRAINT_UNIQUE')
    return new StoreUnavailableError('the data in DATA_DIR breaks a unique index that this version declares');
  return new StoreUnavailableError(diskSentence(error), { cause: error });
}
