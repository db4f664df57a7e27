import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { AppError } from '../../lib/app-error.ts';
import type { Clock } from '../../lib/clock.ts';
import type { Logger } from '../../lib/logger.ts';
import { workerEntry } from '../../lib/worker-entry.ts';
import type { PasswordAnswer, PasswordJob } from './password-worker.ts';

export interface PasswordHasherOptions {
  /** bcrypt's cost, 4 to 15; 12 is about 0.22 s. */
  readonly cost: number;
  /** At most this many hashes at once; fewer on a machine with fewer cores. */
  readonly maxThreads: number;
  /** A new job is refused once the waiting ones are worth more than this. */
  readonly maxWaitMs: number;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** bcrypt's limit. */
const maxBytes = 72;
const idleMs = 60_000;
/** facts/performance: 223 ms at cost 12, twice that for each step; the truth is measured from the first job on. */
const msAtCost12 = 223;
const halfACharacter = /\p{Surrogate}/u;

type JobBody =
  | { readonly type: 'hash'; readonly password: string; readonly cost: number }
  | { readonly type: 'verify'; readonly password: string; readonly hash: string };

interface Waiting {
  readonly job: PasswordJob;
  readonly resolve: (value: string | boolean) => void;
  readonly reject: (error: Error) => void;
}

interface Thread {
  readonly worker: Worker;
  current: Waiting | null;
  cancelIdle: () => void;
}

export interface PasswordHasher {
  hash(password: string): Promise<string>;
  verify(password: string, hash: string): Promise<boolean>;
  readonly dummyHash: string;
  /** Stops the threads; waiting and later jobs fail with DRAINING. */
  close(): Promise<void>;
}

/** bcrypt in worker threads that start with the first job, step back behind everything else, and stop when idle. */
export function createPasswordHasher(options: PasswordHasherOptions): PasswordHasher {
  const { cost, clock, logger } = options;
  const mostThreads = Math.max(1, Math.min(options.maxThreads, availableParallelism()));
  const threads = new Set<Thread>();
  const queue: Waiting[] = [];
  let msPerHash = Math.max(1, msAtCost12 * 2 ** (cost - 12));
  let nextJobId = 1;
  let closed = false;

  function startThread(): Thread {
    const entry = workerEntry('password-worker', './password-worker.ts', import.meta.url);
    const worker = new Worker(entry.url, entry.options);
    const thread: Thread = { worker, current: null, cancelIdle: () => {} };
    threads.add(thread);
    worker.on('message', (answer: PasswordAnswer) => settle(thread, answer));
    worker.on('error', (error) => lose(thread, error));
    worker.on('exit', () => lose(thread, new Error('the password worker ended')));
    return thread;
  }

  function settle(thread: Thread, answer: PasswordAnswer): void {
    const waiting = thread.current;
    if (waiting === null || waiting.job.id !== answer.id) return;
    thread.current = null;
    thread.worker.unref();
    msPerHash += (answer.ms - msPerHash) / 4;
    if ('failed' in answer) waiting.reject(new AppError('INTERNAL', { cause: new Error('the password worker could not do the job') }));
    else waiting.resolve(answer.value);
    dispatch();
  }

  /** A thread that died takes its job with it; the next job gets a new thread. */
  function lose(thread: Thread, error: Error): void {
    if (!threads.delete(thread)) return;
    thread.cancelIdle();
    if (!closed) logger.error({ error }, 'a password worker was lost');
    thread.current?.reject(new AppError('INTERNAL', { cause: error }));
    thread.current = null;
    dispatch();
  }

  function freeThread(): Thread | null {
    for (const thread of threads) if (thread.current === null) return thread;
    return threads.size < mostThreads ? startThread() : null;
  }

  function dispatch(): void {
    while (queue.length > 0 && !closed) {
      const thread = freeThread();
      if (thread === null) return;
      const waiting = queue.shift();
      if (waiting === undefined) return;
      thread.cancelIdle();
      thread.current = waiting;
      thread.worker.ref();
      thread.worker.postMessage(waiting.job);
    }
    for (const thread of threads) if (thread.current === null) stopWhenIdle(thread);
  }

  function stopWhenIdle(thread: Thread): void {
    thread.cancelIdle();
    thread.cancelIdle = clock.after(idleMs, () => {
      if (thread.current === null && threads.delete(thread)) void stop(thread);
    });
  }

  async function stop(thread: Thread): Promise<void> {
    try {
      await thread.worker.terminate();
    } catch (error) {
      logger.warn({ error }, 'a password worker did not stop');
    }
  }

  function enqueue(body: JobBody): Promise<string | boolean> {
    if (closed) return Promise.reject(new AppError('DRAINING'));
    const busy = [...threads].filter((thread) => thread.current !== null).length;
    const waitMs = busy < mostThreads ? 0 : ((queue.length + 1) * msPerHash) / mostThreads;
    if (queue.length > 0 && waitMs > options.maxWaitMs) {
      return Promise.reject(new AppError('OVERLOADED', { retryAfter: Math.max(1, Math.ceil(waitMs / 1000)) }));
    }
    return new Promise((resolve, reject) => {
      queue.push({ job: { ...body, id: nextJobId++ }, resolve, reject });
      dispatch();
    });
  }

  return {
    // Salt and digest in bcrypt's alphabet; the digest is not of any known password.
    dummyHash: `$2b$${String(cost).padStart(2, '0')}$${'C6UzMDM.H6dfI/f/IKxGhu'}${'7u8Oq0S4l0pE1yVJmXk3T2nZrWcBdaG'}`,

    async hash(password) {
      assertHashable(password);
      return String(await enqueue({ type: 'hash', password, cost }));
    },

    async verify(password, hash) {
      assertHashable(password);
      return (await enqueue({ type: 'verify', password, hash })) === true;
    },

    async close() {
      closed = true;
      const running = [...threads];
      threads.clear();
      for (const waiting of queue.splice(0)) waiting.reject(new AppError('DRAINING'));
      for (const thread of running) {
        thread.cancelIdle();
        thread.current?.reject(new AppError('DRAINING'));
        thread.current = null;
      }
      await Promise.all(running.map(stop));
    },
  };
}

/** What bcrypt would cut or confuse is refused: bytes after the 72nd, after a NUL, and half characters (all alike in UTF-8). */
function assertHashable(password: string): void {
  if (Buffer.byteLength(password, 'utf8') > maxBytes) throw new AppError('PASSWORD_TOO_LONG', { params: { limit: maxBytes } });
  if (password.includes('\0') || halfACharacter.test(password)) throw new AppError('BAD_REQUEST', { params: { field: 'password' } });
}
