import type Database from 'libsql';
import { callerFault, diskSentence } from './sqlite-faults.ts';
import type { SqliteOperations } from './sqlite-operations.ts';
import type { SqliteCall, SqliteReply, SqliteRequest, SqliteValue } from './sqlite-protocol.ts';

/** Runs requests together: one transaction, one commit with its fsync, and answers only after it. */
export function createGroupRunner(
  db: Database.Database,
  operations: SqliteOperations,
): (requests: readonly SqliteRequest[]) => SqliteReply[] {
  /** An error of the caller is an answer; an error of the disk ends the whole group. */
  function answer(request: SqliteRequest): SqliteReply {
    try {
      return { id: request.id, ok: true, value: runCall(db, operations, request.call) };
    } catch (error) {
      const fault = callerFault(error);
      if (fault === null) throw error;
      return { id: request.id, ok: false, fault };
    }
  }

  return function runGroup(requests) {
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
  };
}

function runCall(db: Database.Database, operations: SqliteOperations, call: SqliteCall): SqliteValue {
  switch (call.kind) {
    case 'apply':
      return operations.apply(call.operation);
    case 'batch':
      return runBatch(db, operations, call.operations);
    case 'deleteMany':
      return operations.deleteMany(call.collection, call.plan);
    case 'scan':
      return operations.scan(call.collection, call.after, call.limit);
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

function runBatch(db: Database.Database, operations: SqliteOperations, batch: Extract<SqliteCall, { kind: 'batch' }>['operations']): null {
  db.exec('SAVEPOINT batch');
  try {
    for (const operation of batch) operations.applyOrThrow(operation);
  } catch (error) {
    if (db.inTransaction) db.exec('ROLLBACK TO batch');
    throw error;
  } finally {
    if (db.inTransaction) db.exec('RELEASE batch');
  }
  return null;
}

function isWrite(call: SqliteCall): boolean {
  return call.kind === 'apply' || call.kind === 'batch' || call.kind === 'deleteMany';
}

function rollBack(db: Database.Database): void {
  try {
    if (db.inTransaction) db.exec('ROLLBACK');
  } catch {
    // SQLite rolls back by itself when the disk refuses even this.
  }
}
