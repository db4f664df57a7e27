import { closeSync, fsyncSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import Database from 'libsql';
import { BadQueryError, ExpectationError, StoreLockedError, StoreUnavailableError, UniqueViolationError } from '../../lib/store-errors.ts';
import { createCollectionCatalog } from './collection-catalog.ts';
import { createSqliteOperations } from './sqlite-operations.ts';
import type { SqliteCall, SqliteFault, SqliteReply, SqliteRequest, SqliteValue, SqliteWorkerData } from './sqlite-protocol.ts';
import { NewerSchemaError, prepareSchema } from './sqlite-schema.ts';

/** The synchronous side of the embedded store: opens the file, owns its lock, runs requests in groups. */
export interface SqliteEngine {
  readonly cursorKey: Buffer;
  /** All requests in one transaction with one commit; answers only after it. */
  runGroup(requests: readonly SqliteRequest[]): SqliteReply[];
  close(): void;
}

/** @throws StoreLockedError, StoreUnavailableError */
export function openSqliteEngine(data: SqliteWorkerData): SqliteEngine {
  const catalog = createCollectionCatalog(data.collections);
  createFile(data.file);
  const db = new Database(data.file, { timeout: 0 });
  let cursorKey: Buffer;
  try {
    takeLock(db);
    cursorKey = prepareSchema(db, catalog);
  } catch (error) {
    db.close();
    throw openingError(error);
  }
  const operations = createSqliteOperations(db, catalog);

  function runBatch(list: Extract<SqliteCall, { kind: 'batch' }>['operations']): null {
    db.exec('SAVEPOINT batch');
    try {
      for (const operation of list) operations.applyOrThrow(operation);
    } catch (error) {
      if (db.inTransaction) db.exec('ROLLBACK TO batch');
      throw error;
    } finally {
      if (db.inTransaction) db.exec('RELEASE batch');
    }
    return null;
  }

  function runCall(call: SqliteCall): SqliteValue {
    switch (call.kind) {
      case 'apply':
        return operations.apply(call.operation);
      case 'batch':
        return runBatch(call.operations);
      case 'deleteMany':
        return operations.deleteMany(call.collection, call.plan);
      case 'get':
        return operations.get(call.collection, call.ids);
      case 'find':
        return operations.find(call.collection, call.plan);
      case 'count':
        return operations.count(call.collection, call.plan);
      case 'search':
        return operations.search(call.collection, call.plan);
    }
  }

  /** An error of the caller is an answer; an error of the disk ends the whole group. */
  function answer(request: SqliteRequest): SqliteReply {
    try {
      return { id: request.id, ok: true, value: runCall(request.call) };
    } catch (error) {
      const fault = callerFault(error);
      if (fault === null) throw error;
      return { id: request.id, ok: false, fault };
    }
  }

  return {
    cursorKey,
    runGroup(requests) {
      try {
        if (!requests.some(({ call }) => isWrite(call))) return requests.map(answer);
        db.exec('BEGIN IMMEDIATE');
        const replies = requests.map(answer);
        db.exec('COMMIT');
        return replies;
      } catch (error) {
        rollBack(db);
        const fault = { name: 'unavailable', message: diskSentence(error) } as const;
        return requests.map(({ id }) => ({ id, ok: false, fault }));
      }
    },
    close() {
      // The log is folded into the file, so that a copy of the file alone is complete after a clean end.
      db.pragma('wal_checkpoint(TRUNCATE)');
      db.close();
    },
  };
}

/** What the main thread makes an error of again. */
export function faultFrom(error: unknown): SqliteFault {
  const fault = callerFault(error);
  if (fault !== null) return fault;
  if (error instanceof StoreLockedError) return { name: 'locked', message: error.message };
  return { name: 'unavailable', message: error instanceof StoreUnavailableError ? error.message : diskSentence(error) };
}

function isWrite(call: SqliteCall): boolean {
  return call.kind === 'apply' || call.kind === 'batch' || call.kind === 'deleteMany';
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

/** The lock is the file's own: it ends with the process, however that ends. */
function takeLock(db: Database.Database): void {
  db.pragma('locking_mode = EXCLUSIVE');
  db.pragma('journal_mode = WAL');
  db.pragma('synchronous = FULL');
  db.pragma('cache_size = -16384');
  db.pragma('temp_store = MEMORY');
  // A read alone would share the lock until the first write.
  db.exec('BEGIN EXCLUSIVE');
  db.exec('COMMIT');
}

function rollBack(db: Database.Database): void {
  try {
    if (db.inTransaction) db.exec('ROLLBACK');
  } catch {
    // SQLite rolls back by itself when the disk refuses even this.
  }
}

function callerFault(error: unknown): SqliteFault | null {
  if (error instanceof UniqueViolationError) return { name: 'unique', collection: error.collection, index: error.index };
  if (error instanceof ExpectationError) return { name: 'expectation', ...splitExpectation(error) };
  if (error instanceof BadQueryError) return { name: 'query', message: error.message };
  return null;
}

function splitExpectation(error: ExpectationError): { collection: string; id: string } {
  const [, collection = '', id = ''] = /^([^/]*)\/(.*): the document has changed$/s.exec(error.message) ?? [];
  return { collection, id };
}

function sqliteCode(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}

function openingError(error: unknown): Error {
  const code = sqliteCode(error);
  if (code.startsWith('SQLITE_BUSY') || code.startsWith('SQLITE_LOCKED')) {
    return new StoreLockedError('another process uses the data folder: stop it, or give this one its own DATA_DIR');
  }
  if (error instanceof NewerSchemaError) return new StoreUnavailableError(error.message);
  if (code === 'SQLITE_CONSTRAINT_UNIQUE')
    return new StoreUnavailableError('the data in DATA_DIR breaks a unique index that this version declares');
  return new StoreUnavailableError(diskSentence(error), { cause: error });
}

/** No path and no value may stand in it: operators and people see it. */
function diskSentence(error: unknown): string {
  const code = sqliteCode(error);
  const known = diskSentences.find(([prefix]) => code.startsWith(prefix));
  if (known !== undefined) return known[1];
  return `the embedded store failed (${code === '' ? 'unknown reason' : code})`;
}

const diskSentences: ReadonlyArray<readonly [prefix: string, sentence: string]> = [
  ['SQLITE_FULL', 'the disk that holds DATA_DIR is full'],
  ['SQLITE_READONLY', 'DATA_DIR is read-only'],
  ['SQLITE_CANTOPEN', 'the file of the embedded store in DATA_DIR cannot be opened'],
  ['SQLITE_NOTADB', 'the file of the embedded store in DATA_DIR is not a database: move it away or restore it from a backup'],
  ['SQLITE_CORRUPT', 'the file of the embedded store in DATA_DIR is damaged: restore it from a backup'],
  ['SQLITE_IOERR', 'the disk that holds DATA_DIR does not work'],
  ['ENOSPC', 'the disk that holds DATA_DIR is full'],
  ['EROFS', 'DATA_DIR is read-only'],
  ['EACCES', 'this process may not write to DATA_DIR'],
  ['EPERM', 'this process may not write to DATA_DIR'],
];
