import { Worker } from 'node:worker_threads';
import type { Clock } from '../../lib/clock.ts';
import type { Logger } from '../../lib/logger.ts';
import { BadQueryError, ExpectationError, StoreLockedError, StoreUnavailableError, UniqueViolationError } from '../../lib/store-errors.ts';
import { workerEntry } from '../../lib/worker-entry.ts';
import type {
  FromSqliteWorker,
  SqliteCall,
  SqliteFault,
  SqliteRequest,
  SqliteValue,
  SqliteWorkerData,
  ToSqliteWorker,
} from './sqlite-protocol.ts';

/** Starts the thread of the store; a parameter only so that a test can end it. */
export type StartSqliteWorker = (data: SqliteWorkerData) => Worker;

export const startSqliteWorker: StartSqliteWorker = (data) => {
  const { url, options } = workerEntry('sqlite-worker', './sqlite-worker.ts', import.meta.url);
  return new Worker(url, { ...options, workerData: data, name: 'sqlite-worker' });
};

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
  /** Waits for what is under way, then ends the thread. */
  close(): Promise<void>;
}

interface Waiting {
  readonly since: number;
  resolve(value: SqliteValue): void;
  reject(error: Error): void;
}

const firstRestartMs = 100;
const maxRestartMs = 5000;

/** The main thread's end of the worker: numbers requests, bounds them, and starts the thread again when it dies. */
export function createSqliteConnection(deps: SqliteConnectionDeps): SqliteConnection {
  const { clock, logger } = deps;
  const waiting = new Map<number, Waiting>();
  let outbox: SqliteRequest[] = [];
  let worker: Worker | null = null;
  let lastId = 0;
  let restartMs = firstRestartMs;
  let reason: string | null = 'the embedded store is not open yet';
  let closing: Promise<void> | null = null;
  let drained: (() => void) | null = null;
  let cancelRestart = () => {};
  let cancelSweep = () => {};

  function settle(id: number, act: (entry: Waiting) => void): void {
    const entry = waiting.get(id);
    if (entry === undefined) return;
    waiting.delete(id);
    act(entry);
    if (waiting.size === 0) drained?.();
  }

  function failAll(message: string): void {
    for (const id of [...waiting.keys()]) settle(id, (entry) => entry.reject(new StoreUnavailableError(message)));
  }

  function receive(message: FromSqliteWorker): void {
    if (message.type !== 'replies') return;
    // It works, rather than only opens.
    restartMs = firstRestartMs;
    for (const reply of message.replies) {
      settle(reply.id, (entry) => (reply.ok ? entry.resolve(reply.value) : entry.reject(errorFrom(reply.fault))));
    }
  }

  /** A map keeps the order of insertion, so the oldest request is the first entry. */
  function sweep(): void {
    const now = clock.now();
    for (const [id, entry] of waiting) {
      if (now - entry.since < deps.answerTimeoutMs) break;
      settle(id, ({ reject }) => reject(new StoreUnavailableError('the disk that holds DATA_DIR does not answer')));
    }
  }

  function flush(): void {
    const requests = outbox;
    outbox = [];
    if (requests.length > 0) worker?.postMessage({ type: 'requests', requests } satisfies ToSqliteWorker);
  }

  function ended(): void {
    worker = null;
    outbox = [];
    if (closing !== null) return;
    reason = 'the embedded store ended unexpectedly and is starting again';
    failAll(reason);
    logger.error({ restartMs }, reason);
    cancelRestart = clock.after(restartMs, () => {
      restartMs = Math.min(restartMs * 2, maxRestartMs);
      // A refusal is told by `ended` and tried again.
      startThread().catch(() => {});
    });
  }

  function startThread(): Promise<Buffer> {
    const started = deps.startWorker(deps.data);
    worker = started;
    return new Promise((resolve, reject) => {
      started.on('message', (message: FromSqliteWorker) => {
        if (message.type === 'opened') {
          reason = null;
          resolve(Buffer.from(message.cursorKey, 'base64'));
        } else if (message.type === 'refused') reject(errorFrom(message.fault));
        else receive(message);
      });
      started.on('error', (error) => logger.error({ error: error.name }, 'the thread of the embedded store failed'));
      started.once('exit', () => {
        reject(new StoreUnavailableError('the embedded store could not be started'));
        ended();
      });
    });
  }

  async function open(): Promise<Buffer> {
    cancelSweep = clock.every(500, sweep);
    try {
      return await startThread();
    } catch (error) {
      // The first opening is the operator's to repair; only a store that was open restarts by itself.
      await close();
      throw error;
    }
  }

  async function shutDown(): Promise<void> {
    cancelRestart();
    if (reason === null && waiting.size > 0) await new Promise<void>((resolve) => (drained = resolve));
    cancelSweep();
    reason = 'the embedded store is closed';
    const last = worker;
    if (last === null) return;
    const exited = new Promise<void>((resolve) => last.once('exit', () => resolve()));
    last.postMessage({ type: 'close' } satisfies ToSqliteWorker);
    await exited;
  }

  function close(): Promise<void> {
    closing ??= shutDown();
    return closing;
  }

  return {
    open,
    close,
    fault: () => (closing === null ? reason : 'the embedded store is closed'),
    call(call) {
      if (closing !== null) return Promise.reject(new StoreUnavailableError('the embedded store is closed'));
      if (reason !== null) return Promise.reject(new StoreUnavailableError(reason));
      if (waiting.size >= deps.maxWaiting) return Promise.reject(new StoreUnavailableError('too many requests wait for the disk'));
      return new Promise((resolve, reject) => {
        lastId += 1;
        waiting.set(lastId, { since: clock.now(), resolve, reject });
        if (outbox.length === 0) queueMicrotask(flush);
        outbox.push({ id: lastId, call });
      });
    },
  };
}

function errorFrom(fault: SqliteFault): Error {
  if (fault.name === 'unique') return new UniqueViolationError(fault.collection, fault.index);
  if (fault.name === 'expectation') return new ExpectationError(fault.collection, fault.id);
  if (fault.name === 'query') return new BadQueryError(fault.message);
  if (fault.name === 'locked') return new StoreLockedError(fault.message);
  return new StoreUnavailableError(fault.message);
}
