import { Worker } from 'node:worker_threads';
import { AppError } from '../../lib/app-error.ts';
import type { Clock } from '../../lib/clock.ts';
import type { Logger } from '../../lib/logger.ts';
import { workerEntry } from '../../lib/worker-entry.ts';
import type { PasswordAnswer, PasswordJob } from './password-worker.ts';

const idleMs = 60_000;

export type StartPasswordWorker = () => Worker;

export interface PasswordThreadsDeps {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly startWorker?: StartPasswordWorker;
}

/** A job and what waits for it. */
export interface PendingJob {
  readonly job: PasswordJob;
  readonly resolve: (answer: PasswordAnswer) => void;
  readonly reject: (error: Error) => void;
}

function startPasswordWorker(): Worker {
  const entry = workerEntry('password-worker', './password-worker.ts', import.meta.url);
  return new Worker(entry.url, entry.options);
}

/** One worker thread with at most one job. It is made for the first job and stops after a minute without any. */
export class PasswordThread {
  readonly #worker: Worker;
  readonly #deps: PasswordThreadsDeps;
  readonly #onEnd: () => void;
  #current: PendingJob | null = null;
  #ended = false;
  #cancelIdle: () => void = () => {};

  /** @param onEnd called once when the thread is gone, by its own death or by being idle */
  constructor(deps: PasswordThreadsDeps, onEnd: () => void) {
    this.#deps = deps;
    this.#onEnd = onEnd;
    this.#worker = (deps.startWorker ?? startPasswordWorker)();
    this.#worker.on('message', (answer: PasswordAnswer) => this.#settle(answer));
    this.#worker.on('error', (error) => this.#lose(error));
    this.#worker.on('exit', () => this.#lose(new Error('the password worker ended')));
  }

  get busy(): boolean {
    return this.#current !== null;
  }

  run(pending: PendingJob): void {
    this.#cancelIdle();
    this.#current = pending;
    this.#worker.ref();
    this.#worker.postMessage(pending.job);
  }

  /** The job in hand fails with DRAINING. */
  async stop(): Promise<void> {
    this.#end(new AppError('DRAINING'));
    try {
      await this.#worker.terminate();
    } catch (error) {
      this.#deps.logger.warn({ error }, 'a password worker did not stop');
    }
  }

  #settle(answer: PasswordAnswer): void {
    const pending = this.#current;
    if (pending === null || pending.job.id !== answer.id) return;
    this.#current = null;
    // Idle threads do not keep the process alive.
    this.#worker.unref();
    this.#cancelIdle = this.#deps.clock.after(idleMs, () => void this.stop());
    pending.resolve(answer);
  }

  /** A thread that died takes its job with it; the next job gets a new thread. */
  #lose(error: Error): void {
    if (this.#ended) return;
    this.#deps.logger.error({ error }, 'a password worker was lost');
    this.#end(new AppError('INTERNAL', { cause: error }));
  }

  #end(error: Error): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#cancelIdle();
    const pending = this.#current;
    this.#current = null;
    this.#onEnd();
    pending?.reject(error);
  }
}
