import { AppError } from '../../lib/app-error.ts';
import type { Clock } from '../../lib/clock.ts';
import { type WorkerEnd, WorkerLostError } from '../../lib/worker-lost-error.ts';
import type { HostProcess, OpenRequest } from './host-process.ts';
import type { HostAnswer, HostError, HostEvent, HostOperation } from './host-protocol.ts';
import { watchMemory } from './memory-watch.ts';

export interface AttemptOptions {
  readonly host: HostProcess;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Bytes: the host is ended above them. */
  readonly memoryLimit: number;
  /** The host is ended after this long. Undefined: whoever asked watches the time. */
  readonly timeoutMs?: number | undefined;
  /** The host is ended after this long without a sign of life, counted from when it is ready, as its whole time is. */
  readonly stallMs?: number | undefined;
  readonly onEvent?: (event: HostEvent) => void;
}

export interface AttemptAnswer {
  readonly value: unknown;
  /** After the work, in bytes. */
  readonly rss: number;
  /** Most that was seen from here, in bytes. */
  readonly peak: number;
}

/** A plugin of a host threw where nobody listened. */
export class PluginEscapeError extends Error {
  override readonly name = 'PluginEscapeError';
}

/** From the cancel to the kill; a dying process takes some 30 ms more, and 2 s are promised. */
const CANCEL_MS = 1800;
/** A host that holds more than this share of its limit when it dies by itself most likely died of it. */
const NEARLY = 0.8;

/**
 * One request to a host with everything that may end it: its answer, a cancel (told first, killed 1.8 s later), the deadline,
 * silence, too much memory, the death of the process.
 * @throws AppError as the host answers it, with the host's reason as cause; WorkerLostError; PluginEscapeError; the signal's reason
 */
export function attempt(
  operation: HostOperation,
  options: AttemptOptions,
): { readonly done: Promise<AttemptAnswer>; more(count: number): void } {
  let request: OpenRequest | undefined;
  const done = new Promise<AttemptAnswer>((resolve, reject) => {
    const { host, clock, signal, memoryLimit, timeoutMs, stallMs } = options;
    if (signal.aborted) return reject(signal.reason);
    const watch = watchMemory(clock, host.pid, memoryLimit, () => host.kill('memory'));
    const stopTimeout = timeoutMs === undefined ? () => {} : afterStart(host, clock, timeoutMs, () => host.kill('timeout'));
    const stalled = () => host.kill('stalled');
    let stopStall = stallMs === undefined ? () => {} : afterStart(host, clock, stallMs, stalled);
    let stopKill = () => {};

    const alive = () => {
      stopStall();
      if (stallMs !== undefined) stopStall = clock.after(stallMs, stalled);
    };
    const onAbort = () => {
      request?.cancel();
      stopKill = clock.after(CANCEL_MS, () => host.kill());
    };
    const settle = () => {
      signal.removeEventListener('abort', onAbort);
      for (const stop of [stopTimeout, stopStall, stopKill, watch.stop]) stop();
    };
    const onLost = (end: WorkerEnd, reason: string | undefined) => {
      settle();
      if (signal.aborted) return reject(signal.reason);
      if (reason !== undefined) return reject(new PluginEscapeError(reason));
      reject(new WorkerLostError(end === 'crashed' && watch.last > memoryLimit * NEARLY ? 'memory' : end));
    };
    const onAnswer = (answer: HostAnswer) => {
      settle();
      if (signal.aborted) return reject(signal.reason);
      if (answer.ok) resolve({ value: answer.value, rss: answer.rss, peak: watch.peak });
      else reject(errorOf(answer.error));
    };

    signal.addEventListener('abort', onAbort, { once: true });
    const onEvent = (event: HostEvent) => {
      alive();
      if (!signal.aborted) options.onEvent?.(event);
    };
    request = host.send(operation, memoryLimit, { onEvent, onAnswer, onLost });
  });
  return { done, more: (count) => request?.more(count) };
}

/** How long a process may take to load its code. */
const START_MS = 10_000;

/** Time counts from the moment when the host's own code was loaded: on a busy machine that alone takes seconds. */
export function afterStart(host: HostProcess, clock: Clock, ms: number, run: () => void): () => void {
  if (host.ready) return clock.after(ms, run);
  let stopped = false;
  let stopTimer = clock.after(START_MS + ms, run);
  void host.started.then(() => {
    if (stopped) return;
    stopTimer();
    stopTimer = clock.after(ms, run);
  });
  return () => {
    stopped = true;
    stopTimer();
  };
}

/** The error as the host made it; what the plugin really threw is the cause, for the log. */
export function errorOf({ code, message, params, reason }: HostError): AppError {
  return new AppError(code, { message, params, ...(reason === undefined ? {} : { cause: new Error(reason) }) });
}
