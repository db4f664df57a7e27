import type Database from 'libsql';
import { callerFault, diskSentence } from './sqlite-faults.ts';
import type { SqliteOperations } from './sqlite-operations.ts';
import { countProbe, probeDisk } from './sqlite-probe.ts';
import type { SqliteCall, SqliteOperation, SqliteReply, SqliteRequest, SqliteValue } from './sqlite-protocol.ts';

/** A batch failed after it had changed something: what it did has to be taken back. */
class HalfBatchError extends Error {}

/**
 * Runs requests together: one transaction, one commit with its fsync, and answers only after it.
 * @param file of the store
 */
export function createGroupRunner(
  db: Database.Database,
  file: string,
  operations: SqliteOperations,
): (requests: readonly SqliteRequest[]) => SqliteReply[] {
  const [begin, commit] = [db.prepare('BEGIN IMMEDIATE'), db.prepare('COMMIT')];

  /** An error of the caller is an answer; an error of the disk ends the whole group. */
  function answer([id, call]: SqliteRequest, runBatch: RunBatch): SqliteReply {
    try {
      if (call[0] === 'probe') return probe(id);
      return [id, runCall(operations, call, runBatch)];
    } catch (error) {
      const fault = callerFault(error);
      if (fault === null) throw error;
      return [id, null, fault];
    }
  }

  /** Where its file does not fit, others in the group may still have room; where its row does not, they have none. */
  function probe(id: number): SqliteReply {
    try {
      probeDisk(file);
    } catch (error) {
      return [id, null, { name: 'unavailable', message: diskSentence(error) }];
    }
    countProbe(db);
    return [id, null];
  }

  function transact(requests: readonly SqliteRequest[], runBatch: RunBatch): SqliteReply[] {
    begin.run();
    const replies = requests.map((request) => answer(request, runBatch));
    operations.text.flush();
    commit.run();
    return replies;
  }

  /** Batches rarely fail in their middle: a savepoint for each would cost every group, so a group is run again with them. */
  function transactTwice(requests: readonly SqliteRequest[]): SqliteReply[] {
    try {
      return transact(requests, createRunBatch(operations));
    } catch (error) {
      if (!(error instanceof HalfBatchError)) throw error;
      rollBack(db, operations);
      return transact(requests, createRunBatchWithSavepoint(db, operations));
    }
  }

  return function runGroup(requests) {
    try {
      if (requests.some(([, call]) => isWrite(call))) return transactTwice(requests);
      return requests.map((request) => answer(request, createRunBatch(operations)));
    } catch (error) {
      rollBack(db, operations);
      const fault = { name: 'unavailable', message: diskSentence(error) } as const;
      return requests.map(([id]) => [id, null, fault]);
    }
  };
}

type RunBatch = (batch: readonly SqliteOperation[]) => null;

function runCall(operations: SqliteOperations, call: Exclude<SqliteCall, readonly ['probe']>, runBatch: RunBatch): SqliteValue {
  switch (call[0]) {
    case 'apply':
      return operations.apply(call[1]);
    case 'batch':
      return runBatch(call[1]);
    case 'deleteMany':
      return operations.deleteMany(call[1], call[2]);
    case 'scan':
      return operations.scan(call[1], call[2], call[3]);
    case 'get': {
      const [, collection, ...ids] = call;
      return operations.get(collection, ids);
    }
    case 'find':
      return operations.select(call[1]);
    case 'count':
      return operations.select(call[1]).length;
    case 'search':
      return operations.search(call[1], call[2]);
  }
}

function createRunBatch(operations: SqliteOperations): RunBatch {
  return (batch) => {
    for (const [at, operation] of batch.entries()) {
      try {
        operations.applyOrThrow(operation);
      } catch (error) {
        if (at === 0 || callerFault(error) === null) throw error;
        throw new HalfBatchError();
      }
    }
    return null;
  };
}

function createRunBatchWithSavepoint(db: Database.Database, operations: SqliteOperations): RunBatch {
  return (batch) => {
    const marks = operations.text.marks();
    db.exec('SAVEPOINT batch');
    try {
      for (const operation of batch) operations.applyOrThrow(operation);
    } catch (error) {
      if (db.inTransaction) db.exec('ROLLBACK TO batch');
      operations.text.rewind(marks);
      throw error;
    } finally {
      if (db.inTransaction) db.exec('RELEASE batch');
    }
    return null;
  };
}

function isWrite([kind]: SqliteCall): boolean {
  return kind === 'apply' || kind === 'batch' || kind === 'deleteMany' || kind === 'probe';
}

function rollBack(db: Database.Database, operations: SqliteOperations): void {
  operations.text.rewind(0);
  try {
    if (db.inTransaction) db.exec('ROLLBACK');
  } catch {
    // SQLite rolls back by itself when the disk refuses even this.
  }
}
