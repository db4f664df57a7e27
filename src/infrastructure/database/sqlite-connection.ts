import type { Clock } from '../../lib/clock.ts';
import type { Logger } from '../../lib/logger.ts';
import { StoreUnavailableError } from '../../lib/store-errors.ts';
import { createDiskWatch } from './disk-watch.ts';
import type { SqliteCall, SqliteRequest, SqliteValue, SqliteWorkerData } from './sqlite-protocol.ts';
import { createSqliteRequests } from './sqlite-requests.ts';
import { createSqliteThread, type StartSqliteWorker } from './sqlite-thread.ts';

export interface SqliteConnectionDeps {
  readonly data: SqliteWorkerData;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly startWorker: StartSqliteWorker;
  /** How many requests may wait for the disk. */
  readonly maxWaiting: number;
  /** A disk that hangs longer than this is an unavailable store, in ms. */
  readonly answerTimeoutMs: number;
}

export interface SqliteConnection {
  /** Resolves with the key for cursors when the file is open. @throws StoreLockedError, StoreUnavailableError */
  open(): Promise<Buffer>;
  call(call: SqliteCall): Promise<SqliteValue>;
  /** Why it is not usable now, null when it is. */
  fault(): string | null;
  /** Why it takes no writes now, null when it does; what it holds can still be read. */
  diskFault(): string | null;
  /** Waits for what is under way, then ends the thread. */
  close(): Promise<void>;
}

const sweepMs = 500;

/** The main thread's end of the worker: numbers requests, bounds them, and sends those of one turn together. */
export function createSqliteConnection(deps: SqliteConnectionDeps): SqliteConnection {
  const { data, logger, clock, startWorker } = deps;
  const disk = createDiskWatch({ clock, probe: () => call(['probe']) });
  const requests = createSqliteRequests(clock, deps.answerTimeoutMs, disk.suspect);
  let outbox: SqliteRequest[] = [];
  let closing: Promise<void> | null = null;
  let cancelSweep = () => {};
  const thread = createSqliteThread({
    data,
    logger,
    clock,
    startWorker,
    onReplies(replies) {
      for (const reply of replies) requests.settle(reply);
    },
    onLost(reason) {
      outbox = [];
      requests.failAll(reason);
    },
  });

  function flush(): void {
    const sent = outbox;
    outbox = [];
    if (sent.length > 0) thread.post(sent);
  }

  async function shutDown(): Promise<void> {
    if (thread.fault() === null) await requests.drained();
    disk.stop();
    cancelSweep();
    await thread.stop();
  }

  function close(): Promise<void> {
    closing ??= shutDown();
    return closing;
  }

  function fault(): string | null {
    if (closing !== null) return 'the embedded store is closed';
    return thread.fault();
  }

  async function open(): Promise<Buffer> {
    cancelSweep = clock.every(sweepMs, requests.sweep);
    try {
      return await thread.open();
    } catch (error) {
      // The first opening is the operator's to repair; only a store that was open restarts by itself.
      await close();
      throw error;
    }
  }

  function call(what: SqliteCall): Promise<SqliteValue> {
    const reason = fault() ?? (requests.count() >= deps.maxWaiting ? 'too many requests wait for the disk' : null);
    if (reason !== null) return Promise.reject(new StoreUnavailableError(reason));
    const { id, answer } = requests.add();
    // All that this turn of the event loop asks for crosses in one message: waking the thread costs more than the requests.
    if (outbox.length === 0) setImmediate(flush);
    outbox.push([id, what]);
    return answer;
  }

  return { open, close, fault, diskFault: disk.fault, call };
}
