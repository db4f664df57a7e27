import { Worker } from 'node:worker_threads';
import type { Clock } from '../../lib/clock.ts';
import type { Logger } from '../../lib/logger.ts';
import { StoreUnavailableError } from '../../lib/store-errors.ts';
import { workerEntry } from '../../lib/worker-entry.ts';
import {
  type FromSqliteWorker,
  isList,
  type SqliteReply,
  type SqliteRequest,
  type SqliteWorkerData,
  type ToSqliteWorker,
} from './sqlite-protocol.ts';
import { errorFrom } from './sqlite-requests.ts';

/** Starts the thread of the store; a parameter only so that a test can end it. */
export type StartSqliteWorker = (data: SqliteWorkerData) => Worker;

export const startSqliteWorker: StartSqliteWorker = (data) => newWorker(data);

function newWorker(data?: SqliteWorkerData): Worker {
  const { url, options } = workerEntry('sqlite-worker', './sqlite-worker.ts', import.meta.url);
  return new Worker(url, { ...options, ...(data === undefined ? {} : { workerData: data }), name: 'sqlite-worker' });
}

/**
 * Starts a thread at once, before anybody can say which store it is for: it loads while the rest of the server does.
 * @returns hands this thread out the first time, later new ones
 */
export function prepareSqliteWorker(): StartSqliteWorker {
  let prepared: Worker | null = newWorker();
  const gone = (): void => {
    prepared = null;
  };
  // Whoever opens the store hears of the next one.
  prepared.on('error', gone).once('exit', gone);
  return (data) => {
    const worker = prepared;
    if (worker === null) return startSqliteWorker(data);
    worker.off('error', gone).off('exit', gone);
    gone();
    worker.postMessage({ type: 'open', data } satisfies ToSqliteWorker);
    return worker;
  };
}

export interface SqliteThreadDeps {
  readonly data: SqliteWorkerData;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly startWorker: StartSqliteWorker;
  onReplies(replies: readonly SqliteReply[]): void;
  /** The thread died with everything that it had not answered; it starts again by itself. */
  onLost(reason: string): void;
}

export interface SqliteThread {
  /** Resolves with the key for cursors when the file is open. @throws StoreLockedError, StoreUnavailableError */
  open(): Promise<Buffer>;
  post(requests: readonly SqliteRequest[]): void;
  /** Why it is not usable now, null when it is. */
  fault(): string | null;
  stop(): Promise<void>;
}

const firstRestartMs = 100;
const maxRestartMs = 5000;

/** Keeps one worker alive, with longer and longer pauses while it does not work. */
export function createSqliteThread({ data, logger, clock, startWorker, onReplies, onLost }: SqliteThreadDeps): SqliteThread {
  let worker: Worker | null = null;
  let restartMs = firstRestartMs;
  let reason: string | null = 'the embedded store is not open yet';
  let wasOpen = false;
  let stopping = false;
  let cancelRestart = () => {};

  function ended(): void {
    worker = null;
    // A first opening that fails is told to who waits for it, and not tried again.
    if (stopping || !wasOpen) return;
    reason = 'the embedded store ended unexpectedly and is starting again';
    onLost(reason);
    logger.error({ restartMs }, reason);
    cancelRestart = clock.after(restartMs, () => {
      restartMs = Math.min(restartMs * 2, maxRestartMs);
      // A refusal is told by `ended` and tried again.
      open().catch(() => {});
    });
  }

  function open(): Promise<Buffer> {
    const started = startWorker(data);
    worker = started;
    return new Promise((resolve, reject) => {
      started.on('message', (message: FromSqliteWorker) => {
        if (isList(message)) {
          // It works, rather than only opens.
          restartMs = firstRestartMs;
          onReplies(message);
        } else if (message.type === 'opened') {
          reason = null;
          wasOpen = true;
          resolve(Buffer.from(message.cursorKey, 'base64'));
        } else if (message.type === 'refused') {
          reject(errorFrom(message.fault));
        } else {
          logger.info({}, message.text);
        }
      });
      started.on('error', (error) => logger.error({ error: error.name }, 'the thread of the embedded store failed'));
      started.once('exit', () => {
        reject(new StoreUnavailableError('the embedded store could not be started'));
        ended();
      });
    });
  }

  return {
    open,
    post: (requests) => worker?.postMessage(requests satisfies ToSqliteWorker),
    fault: () => reason,
    async stop() {
      stopping = true;
      cancelRestart();
      const last = worker;
      if (last === null) return;
      const exited = new Promise<void>((resolve) => last.once('exit', () => resolve()));
      last.postMessage({ type: 'close' } satisfies ToSqliteWorker);
      await exited;
    },
  };
}
