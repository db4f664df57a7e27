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
  /** Ends the host; jobs that run or wait are refused with DRAINING. */
  close(): Promise<void>;
}

interface Job {
  readonly input: PrepareImageRequest;
  readonly resolve: (value: PreparedImage) => void;
  readonly reject: (error: unknown) => void;
  readonly signal: AbortSignal | undefined;
  onAbort: () => void;
  attempts: number;
}

interface Running {
  readonly job: Job;
  readonly host: HostProcess;
  readonly stopTimer: () => void;
}

const mebibyte = 1024 * 1024;

/**
 * The server's side of the inference host: starts it on first use, gives it one job at a time (so a crash, a kill or a
 * memory overrun is always that job's and never another's), replaces it when it ends.
 */
export function createInferenceClient(options: InferenceClientOptions): InferenceClient {
  const { logger, clock, idleMs = 60_000, timeoutMs = 30_000, maxWaiting = 50, recycleAfter = 50 } = options;
  const memoryLimit = options.memoryLimit ?? 384 * mebibyte;
  const waiting: Job[] = [];
  let host: HostProcess | null = null;
  let running: Running | null = null;
  let stopIdleTimer = () => {};
  let closed = false;
  let starts = 0;
  let crashes = 0;

  function currentHost(): HostProcess {
    stopIdleTimer();
    if (host !== null) return host;
    starts += 1;
    const started = createHostProcess({ onAnswer: (answer) => onAnswer(started, answer), onExit: (code) => onExit(started, code) });
    host = started;
    logger.debug({ pid: started.pid }, 'inference host started');
    return started;
  }

  function runNext(): void {
    if (closed || running !== null) return;
    const job = waiting.shift();
    if (job === undefined) {
      stopIdleTimer();
      if (host !== null) stopIdleTimer = clock.after(idleMs, retire);
      return;
    }
    job.attempts += 1;
    const active = currentHost();
    running = { job, host: active, stopTimer: clock.after(timeoutMs, () => onTimeout(active)) };
    active.send(job.input, memoryLimit);
  }

  /** Takes the running job off the host, if that host still has it. */
  function takeRunning(from: HostProcess): Job | null {
    if (running?.host !== from) return null;
    const { job, stopTimer } = running;
    stopTimer();
    running = null;
    return job;
  }

  function settle(job: Job, act: () => void): void {
    job.signal?.removeEventListener('abort', job.onAbort);
    act();
  }

  function retire(): void {
    stopIdleTimer();
    host?.kill();
    host = null;
  }

  function onAnswer(from: HostProcess, answer: HostAnswer): void {
    const job = takeRunning(from);
    if (job === null) return;
    if (from.jobs >= recycleAfter || answer.rss > memoryLimit * 0.7) retire();
    settle(job, () => {
      if (answer.ok) job.resolve(answer.value);
      else job.reject(new AppError(answer.error.code, { message: answer.error.message, params: answer.error.params }));
    });
    runNext();
  }

  function onExit(from: HostProcess, outcome: 'memory' | 'crash'): void {
    if (host === from) host = null;
    const job = takeRunning(from);
    if (job === null) return runNext();
    crashes += 1;
    logger.warn({ outcome, attempt: job.attempts, ready: from.ready }, 'inference host ended in the middle of a job');
    if (outcome === 'memory') settle(job, () => job.reject(tooMuch('The picture needs more memory than this server allows.')));
    // A host that never came up says nothing about the picture: a broken installation.
    else if (job.attempts >= 2) settle(job, () => job.reject(new AppError(from.ready ? 'IMAGE_UNREADABLE' : 'INTERNAL')));
    // It may have been killed from outside: once more, in a new process.
    else waiting.unshift(job);
    runNext();
  }

  function onTimeout(from: HostProcess): void {
    const job = takeRunning(from);
    if (job === null) return;
    retire();
    logger.warn({ timeoutMs }, 'inference host killed: the job took too long');
    settle(job, () => job.reject(tooMuch('The picture takes too long to read.')));
    runNext();
  }

  function onAbort(job: Job): void {
    const place = waiting.indexOf(job);
    if (place >= 0) waiting.splice(place, 1);
    else if (running?.job === job) {
      takeRunning(running.host);
      retire();
    }
    settle(job, () => job.reject(job.signal?.reason));
    runNext();
  }

  function prepareImage(input: PrepareImageRequest, signal?: AbortSignal): Promise<PreparedImage> {
    return new Promise((resolve, reject) => {
      if (closed) return reject(new AppError('DRAINING'));
      if (signal?.aborted === true) return reject(signal.reason);
      if (waiting.length >= maxWaiting) return reject(new AppError('OVERLOADED', { retryAfter: 5 }));
      const job: Job = { input, resolve, reject, signal, onAbort: () => onAbort(job), attempts: 0 };
      signal?.addEventListener('abort', job.onAbort, { once: true });
      waiting.push(job);
      runNext();
    });
  }

  function status(): InferenceState['status'] {
    if (closed) return 'closed';
    if (running !== null) return running.host.ready ? 'busy' : 'starting';
    return host === null ? 'stopped' : 'idle';
  }

  async function close(): Promise<void> {
    closed = true;
    const left = waiting.splice(0);
    const job = running === null ? null : takeRunning(running.host);
    for (const open of job === null ? left : [job, ...left]) settle(open, () => open.reject(new AppError('DRAINING')));
    const ended = host?.ended;
    retire();
    await ended;
  }

  return {
    prepareImage,
    state: () => ({ status: status(), waiting: waiting.length, pid: host?.pid, starts, crashes }),
    close,
  };
}

function tooMuch(message: string): AppError {
  return new AppError('TOO_LARGE', { message });
}
