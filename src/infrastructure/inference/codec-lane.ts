import { AppError } from '../../lib/app-error.ts';
import type { Clock } from '../../lib/clock.ts';
import type { Logger } from '../../lib/logger.ts';
import type { WorkerEnd } from '../../lib/worker-lost-error.ts';
import { errorOf } from './attempt.ts';
import { createHostProcess, type HostProcess } from './host-process.ts';
import type { HostAnswer, PreparedImage, PrepareImageRequest } from './host-protocol.ts';
import { hostState, type LaneState } from './lane-state.ts';

export interface CodecLaneOptions {
  readonly logger: Logger;
  readonly clock: Clock;
  /** Bytes of resident memory at which the host is ended; at 70 % after a picture it is replaced. */
  readonly memoryLimit: number;
  /** The host exits after this long without work. */
  readonly idleMs: number;
  /** A picture that takes longer is refused, and its host killed. */
  readonly timeoutMs: number;
  /** Pictures that may wait; more are refused with OVERLOADED. */
  readonly maxWaiting: number;
  /** A host is replaced after this many pictures. */
  readonly recycleAfter: number;
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

/** Uploads: one host, one picture at a time, so that a crash, a kill or an overrun is always that picture's and never another's. */
export class CodecLane {
  readonly #options: CodecLaneOptions;
  readonly #waiting: Job[] = [];
  #host: HostProcess | null = null;
  #running: Running | null = null;
  #stopIdleTimer = () => {};
  #endsAt: number | undefined;
  #closed = false;
  #starts = 0;
  #crashes = 0;

  constructor(options: CodecLaneOptions) {
    this.#options = options;
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  get status(): 'stopped' | 'starting' | 'idle' | 'busy' | 'closed' {
    if (this.#closed) return 'closed';
    if (this.#running !== null) return this.#running.host.ready ? 'busy' : 'starting';
    return this.#host === null ? 'stopped' : 'idle';
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

  state(): LaneState {
    const hosts = this.#host === null ? [] : [hostState(this.#host, undefined, this.#endsAt)];
    return { hosts, starts: this.#starts, crashes: this.#crashes };
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

  #currentHost(): HostProcess {
    this.#stopIdleTimer();
    if (this.#host !== null) return this.#host;
    this.#starts += 1;
    const started = createHostProcess({ onExit: () => this.#onExit(started) });
    this.#host = started;
    this.#options.logger.debug({ pid: started.pid }, 'codec host started');
    return started;
  }

  #runNext(): void {
    const { clock, idleMs, timeoutMs, memoryLimit } = this.#options;
    if (this.#closed || this.#running !== null) return;
    const job = this.#waiting.shift();
    if (job === undefined) return this.#waitIdle(clock.now() + idleMs);
    job.attempts += 1;
    const host = this.#currentHost();
    this.#running = { job, host, stopTimer: clock.after(timeoutMs, () => this.#onTimeout(host)) };
    const operation = { operation: 'prepare-image', input: job.input } as const;
    host.send(operation, memoryLimit, {
      onAnswer: (answer) => this.#onAnswer(host, answer),
      onLost: (end) => this.#onLost(host, end),
    });
  }

  #waitIdle(endsAt: number): void {
    this.#stopIdleTimer();
    if (this.#host === null) return;
    this.#endsAt = endsAt;
    this.#stopIdleTimer = this.#options.clock.after(this.#options.idleMs, () => this.#retire());
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
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- our own host's answer to this very request
      job.resolve(answer.value as PreparedImage);
    } else refuse(job, errorOf(answer.error));
    this.#runNext();
  }

  #onLost(from: HostProcess, end: WorkerEnd): void {
    const job = this.#takeRunning(from);
    if (job === null) return;
    if (this.#host === from) this.#host = null;
    this.#crashes += 1;
    this.#options.logger.warn({ outcome: end, attempt: job.attempts, ready: from.ready }, 'codec host ended in the middle of a picture');
    if (end === 'memory') refuse(job, tooMuch('The picture needs more memory than this server allows.'));
    // A host that never came up says nothing about the picture: a broken installation.
    else if (job.attempts >= 2) refuse(job, new AppError(from.ready ? 'IMAGE_UNREADABLE' : 'INTERNAL'));
    // It may have been killed from outside: once more, in a new process.
    else this.#waiting.unshift(job);
  }

  #onExit(from: HostProcess): void {
    if (this.#host === from) this.#host = null;
    this.#runNext();
  }

  #onTimeout(from: HostProcess): void {
    const job = this.#takeRunning(from);
    if (job === null) return;
    this.#retire();
    this.#options.logger.warn({ timeoutMs: this.#options.timeoutMs }, 'codec host killed: the picture took too long');
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
