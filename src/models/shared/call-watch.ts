import type { ModelFailure } from '../../core/base/model-events.ts';
import type { Clock } from '../../lib/clock.ts';

/** Milliseconds; 0 turns a limit off. */
export interface AnswerTimeouts {
  readonly firstTokenMs: number;
  /** For models that think or make pictures. */
  readonly thinkingFirstTokenMs: number;
  /** Between two pieces of an answer. */
  readonly gapMs: number;
  /** For the whole answer, retries included. */
  readonly totalMs: number;
}

export interface CallWatchOptions {
  readonly signal: AbortSignal;
  readonly clock: Clock;
  readonly timeouts: AnswerTimeouts;
  /** Waits longer for the first token. */
  readonly patient: boolean;
}

/** Guards one answer: ends its upstream request when its reader goes away or a limit of time is reached. */
export class CallWatch {
  /** Resolves when `ended` turns true. */
  readonly over: Promise<void>;
  readonly #options: CallWatchOptions;
  #controller = new AbortController();
  #failure: ModelFailure | undefined;
  #cancelWait = (): void => {};
  #resolveOver = (): void => {};
  #wake = (): void => {};
  readonly #cancelTotal: () => void;
  readonly #end = (): void => {
    this.cut();
    this.#resolveOver();
    this.#wake();
  };

  constructor(options: CallWatchOptions) {
    this.#options = options;
    this.over = new Promise((resolve) => {
      this.#resolveOver = resolve;
    });
    options.signal.addEventListener('abort', this.#end, { once: true });
    this.#cancelTotal = this.#expireAfter(options.timeouts.totalMs, 'The answer took too long and was ended.', 'total_timeout');
  }

  /** True once the reader went away or time ran out: nothing more is to be sent. */
  get ended(): boolean {
    return this.#options.signal.aborted || this.#failure !== undefined;
  }

  /** Why time ran out; nothing when the reader went away. */
  get failure(): ModelFailure | undefined {
    return this.#failure;
  }

  /** Starts an attempt. @returns the signal for its request */
  begin(): AbortSignal {
    this.#controller = new AbortController();
    if (this.ended) this.#controller.abort();
    return this.#controller.signal;
  }

  /** Starts the wait for the first piece (from the request on) or for the next one. */
  expect(what: 'first' | 'next'): void {
    this.#cancelWait();
    const { timeouts, patient } = this.#options;
    const first = patient ? timeouts.thinkingFirstTokenMs : timeouts.firstTokenMs;
    this.#cancelWait =
      what === 'first'
        ? this.#expireAfter(first, 'The model did not begin to answer in time.', 'first_token_timeout')
        : this.#expireAfter(timeouts.gapMs, 'The model stopped in the middle of its answer.', 'idle_timeout');
  }

  /** Something came: no wait is running. */
  rest(): void {
    this.#cancelWait();
  }

  /** What the promise brings, or undefined once the call has ended: a transport that does not notice holds nobody. */
  untilEnded<T>(promise: Promise<T>): Promise<T | undefined> {
    if (this.ended) {
      promise.catch(() => {});
      return Promise.resolve(undefined);
    }
    return new Promise((resolve, reject) => {
      this.#wake = () => resolve(undefined);
      promise.then(resolve, reject);
    });
  }

  /** Ends the request of the current attempt. */
  cut(): void {
    this.#cancelWait();
    this.#controller.abort();
  }

  /** Waits between attempts; returns early when the call ended. */
  async sleep(ms: number): Promise<void> {
    let cancel = (): void => {};
    const rested = new Promise<void>((resolve) => {
      cancel = this.#options.clock.after(ms, resolve);
    });
    await Promise.race([rested, this.over]);
    cancel();
  }

  close(): void {
    this.#options.signal.removeEventListener('abort', this.#end);
    this.#cancelTotal();
    this.cut();
  }

  #expireAfter(ms: number, message: string, kind: string): () => void {
    if (ms <= 0) return () => {};
    return this.#options.clock.after(ms, () => {
      this.#failure ??= { code: 'MODEL_TIMEOUT', message, class: kind, retryable: true };
      this.#end();
    });
  }
}
