import type { ModelFailure } from '../../core/base/model-events.ts';
import type { Clock } from '../../lib/clock.ts';

/** Milliseconds. */
export interface GeminiTimeouts {
  readonly firstTokenMs: number;
  /** For models that think or make pictures. */
  readonly thinkingFirstTokenMs: number;
  /** Between two pieces of an answer. */
  readonly gapMs: number;
  /** For the whole answer, retries included. */
  readonly totalMs: number;
}

/** Guards one answer: ends its upstream request when its reader goes away or a limit of time is reached. */
export interface CallWatch {
  /** True once the reader went away or time ran out: nothing more is to be sent. */
  readonly ended: boolean;
  /** Why time ran out; nothing when the reader went away. */
  readonly failure: ModelFailure | undefined;
  /** Starts an attempt. @returns the signal for its request */
  begin(): AbortSignal;
  /** Starts the wait for the first piece (from the request on) or for the next one. */
  expect(what: 'first' | 'next'): void;
  /** Something came: no wait is running. */
  rest(): void;
  /** Ends the request of the current attempt. */
  cut(): void;
  /** Waits between attempts; returns early when the call ended. */
  sleep(ms: number): Promise<void>;
  close(): void;
}

export interface CallWatchOptions {
  readonly signal: AbortSignal;
  readonly clock: Clock;
  readonly timeouts: GeminiTimeouts;
  /** Waits longer for the first token. */
  readonly patient: boolean;
}

export function createCallWatch({ signal, clock, timeouts, patient }: CallWatchOptions): CallWatch {
  let controller = new AbortController();
  let failure: ModelFailure | undefined;
  let cancelWait = (): void => {};
  let wake = (): void => {};

  const end = (): void => {
    cancelWait();
    controller.abort();
    wake();
  };
  const expire = (message: string, kind: string): void => {
    failure ??= { code: 'MODEL_TIMEOUT', message, class: kind, retryable: true };
    end();
  };
  signal.addEventListener('abort', end, { once: true });
  const cancelTotal = clock.after(timeouts.totalMs, () => expire('The answer took too long and was ended.', 'total_timeout'));
  const isEnded = (): boolean => signal.aborted || failure !== undefined;

  return {
    get ended() {
      return isEnded();
    },
    get failure() {
      return failure;
    },
    begin() {
      controller = new AbortController();
      if (isEnded()) controller.abort();
      return controller.signal;
    },
    expect(what) {
      cancelWait();
      const first = patient ? timeouts.thinkingFirstTokenMs : timeouts.firstTokenMs;
      cancelWait =
        what === 'first'
          ? clock.after(first, () => expire('The model did not begin to answer in time.', 'first_token_timeout'))
          : clock.after(timeouts.gapMs, () => expire('The model stopped in the middle of its answer.', 'idle_timeout'));
    },
    rest: () => cancelWait(),
    cut() {
      cancelWait();
      controller.abort();
    },
    sleep(ms) {
      if (isEnded()) return Promise.resolve();
      return new Promise((resolve) => {
        const cancel = clock.after(ms, resolve);
        wake = () => {
          cancel();
          resolve();
        };
      });
    },
    close() {
      signal.removeEventListener('abort', end);
      cancelTotal();
      cancelWait();
      controller.abort();
    },
  };
}
