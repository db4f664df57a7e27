import { AppError } from '../../lib/app-error.ts';
import type { Clock } from '../../lib/clock.ts';
import type { Logger } from '../../lib/logger.ts';
import { createHostProcess, type HostProcess } from './host-process.ts';
import type { HostAnswer, PreparedImage, PrepareImageRequest } from './host-protocol.ts';

export interface InferenceClientOptions {
  readonly logger: Logger;
  readonly clock: Clock;
  /** Bytes of resident memory at which the host is ended; at 70 % after a job it is replaced. Default 384 MiB. */
  readonly memoryLimit?: number;
  /** The host exits after this long without work. Default 60 s. */
  readonly idleMs?: number;
  /** A job that takes longer is killed with its host. Default 30 s. */
  readonly timeoutMs?: number;
  /** Jobs that may wait; more are refused with OVERLOADED. Default 50. */
  readonly maxWaiting?: number;
  /** A host is replaced after this many jobs. Default 50. */
  readonly recycleAfter?: number;
}

export interface InferenceState {
  readonly status: 'stopped' | 'starting' | 'idle' | 'busy' | 'closed';
  readonly waiting: number;
  /** Of the running host, if any. */
  readonly pid: number | undefined;
  /** Hosts started since the server started. */
  readonly starts: number;
  /** Hosts that ended by themselves while they had work. */
  readonly crashes: number;
}

export interface InferenceClient {
  /** @throws AppError UNSUPPORTED_MEDIA, IMAGE_UNREADABLE, TOO_LARGE, OVERLOADED; the signal's reason when aborted */
  prepareImage(request: PrepareImageRequest, signal?: AbortSignal): Promise<PreparedImage>;
  state(): InferenceState;
  /** Of every child process that runs. */
  pids(): number[];
  /** Ends the host; jobs that run or wait are refused with DRAINING. */
  close(): Promise<void>;
}

interface Job {
  readonly input: PrepareImageRequest;
  readonly resolve: (value: PreparedImage) => void;
  readonly reject: (error: unknown) => void;
  readonly signal: AbortSignal | undefined;
  readonly onAbort: () => void;
  attempts: number;
}

interface Running {
  readonly job: Job;
  readonly host: HostProcess;
  readonly stopTimer: () => void;
}

const mebibyte = 1024 * 1024;
const defaults = { memoryLimit: 384 * mebibyte, idleMs: 60_000, timeoutMs: 30_000, maxWaiting: 50, recycleAfter: 50 };

/**
 * The server's side of the inference host: starts it on first use, gives it one job at a time (so a crash, a kill or a
 * memory overrun is always that job's and never another's), replaces it when it ends.
 */
export function createInferenceClient(options: InferenceClientOptions): InferenceClient {
  return new HostClient({ ...defaults, ...options });
}

class HostClient implements InferenceClient {
  readonly #options: InferenceClientOptions & typeof defaults;
  readonly #waiting: Job[] = [];
  #host: HostProcess | null = null;
  #running: Running | null = null;
  #stopIdleTimer = () => {};
  #closed = false;
  #starts = 0;
  #crashes = 0;

  constructor(options: InferenceClientOptions & typeof defaults) {
    this.#options = options;
  }

  prepareImage(input: PrepareImageRequest, signal?: AbortSignal): Promise<PreparedImage> {
    return new Promise((resolve, reject) => {
      if (this.#closed) return reject(new AppError('DRAINING'));
      if (signal?.aborted === true) return reject(signal.reason);
      if (this.#waiting.length >= this.#options.maxWaiting) return reject(new AppError('OVERLOADED', { retryAfter: 5 }));
      const job: Job = { input, resolve, reject, signal, onAbort: () => this.#onAbort(job), attempts: 0 };
      signal?.addEventListener('abort', job.onAbort, { once: true });
      this.#waiting.push(job);
      this.#runNext();
    });
  }

  state(): InferenceState {
    return {
      status: this.#status(),
      waiting: this.#waiting.length,
      pid: this.#host?.pid,
      starts: this.#starts,
      crashes: this.#crashes,
    };
  }

  pids(): number[] {
    return this.#host?.pid === undefined ? [] : [this.#host.pid];
  }

  async close(): Promise<void> {
    this.#closed = true;
    const left = this.#waiting.splice(0);
    const job = this.#running === null ? null : this.#takeRunning(this.#running.host);
    for (const open of job === null ? left : [job, ...left]) refuse(open, new AppError('DRAINING'));
    const ended = this.#host?.ended;
    this.#retire();
    await ended;
  }

  #status(): InferenceState['status'] {
    if (this.#closed) return 'closed';
    if (this.#running !== null) return this.#running.host.ready ? 'busy' : 'starting';
    return this.#host === null ? 'stopped' : 'idle';
  }

  #currentHost(): HostProcess {
    this.#stopIdleTimer();
    if (this.#host !== null) return this.#host;
    this.#starts += 1;
    const started = createHostProcess({
      onAnswer: (answer) => this.#onAnswer(started, answer),
      onExit: (outcome) => this.#onExit(started, outcome),
    });
    this.#host = started;
    this.#options.logger.debug({ pid: started.pid }, 'inference host started');
    return started;
  }

  #runNext(): void {
    const { clock, idleMs, timeoutMs, memoryLimit } = this.#options;
    if (this.#closed || this.#running !== null) return;
    const job = this.#waiting.shift();
    if (job === undefined) {
      this.#stopIdleTimer();
      if (this.#host !== null) this.#stopIdleTimer = clock.after(idleMs, () => this.#retire());
      return;
    }
    job.attempts += 1;
    const host = this.#currentHost();
    this.#running = { job, host, stopTimer: clock.after(timeoutMs, () => this.#onTimeout(host)) };
    host.send(job.input, memoryLimit);
  }

  /** Takes the running job off the host, if that host still has it. */
  #takeRunning(from: HostProcess): Job | null {
    if (this.#running?.host !== from) return null;
    const { job, stopTimer } = this.#running;
    stopTimer();
    this.#running = null;
    return job;
  }

  #retire(): void {
    this.#stopIdleTimer();
    this.#host?.kill();
    this.#host = null;
  }

  #onAnswer(from: HostProcess, answer: HostAnswer): void {
    const { memoryLimit, recycleAfter } = this.#options;
    const job = this.#takeRunning(from);
    if (job === null) return;
    if (from.jobs >= recycleAfter || answer.rss > memoryLimit * 0.7) this.#retire();
    if (answer.ok) {
      release(job);
      job.resolve(answer.value);
    } else refuse(job, new AppError(answer.error.code, { message: answer.error.message, params: answer.error.params }));
    this.#runNext();
  }

  #onExit(from: HostProcess, outcome: 'memory' | 'crash'): void {
    if (this.#host === from) this.#host = null;
    const job = this.#takeRunning(from);
    if (job !== null) {
      this.#crashes += 1;
      this.#options.logger.warn({ outcome, attempt: job.attempts, ready: from.ready }, 'inference host ended in the middle of a job');
      if (outcome === 'memory') refuse(job, tooMuch('The picture needs more memory than this server allows.'));
      // A host that never came up says nothing about the picture: a broken installation.
      else if (job.attempts >= 2) refuse(job, new AppError(from.ready ? 'IMAGE_UNREADABLE' : 'INTERNAL'));
      // It may have been killed from outside: once more, in a new process.
      else this.#waiting.unshift(job);
    }
    this.#runNext();
  }

  #onTimeout(from: HostProcess): void {
    const job = this.#takeRunning(from);
    if (job === null) return;
    this.#retire();
    this.#options.logger.warn({ timeoutMs: this.#options.timeoutMs }, 'inference host killed: the job took too long');
    refuse(job, tooMuch('The picture takes too long to read.'));
    this.#runNext();
  }

  #onAbort(job: Job): void {
    const place = this.#waiting.indexOf(job);
    if (place >= 0) this.#waiting.splice(place, 1);
    else if (this.#running?.job === job) {
      this.#takeRunning(this.#running.host);
      this.#retire();
    }
    refuse(job, job.signal?.reason);
    this.#runNext();
  }
}

function release(job: Job): void {
  job.signal?.removeEventListener('abort', job.onAbort);
}

function refuse(job: Job, reason: unknown): void {
  release(job);
  job.reject(reason);
}

function tooMuch(message: string): AppError {
  return new AppError('TOO_LARGE', { message });
}
