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

/** The first piece of an answer, from the request on, or the next one. */
type Wait = 'first' | 'next';

/** Guards one answer: ends its upstream request when its reader goes away or a limit of time is reached. */
export class CallWatch {
  /** Resolves when `ended` turns true. */
  readonly over: Promise<void>;
  readonly #options: CallWatchOptions;
  #controller = new AbortController();
  /** A field of our own: a signal is asked for each token, and takes its time to say. */
  #ended: boolean;
  #failure: ModelFailure | undefined;
  /** What is waited for now, and since when. */
  #waiting: Wait | undefined;
  #since = 0;
  /** A timer runs for it, set when that wait began or later: a wait that is over leaves it, so that no piece costs a timer. */
  #armed: Wait | undefined;
  #cancelTimer = (): void => {};
  #resolveOver = (): void => {};
  #wake = (): void => {};
  readonly #cancelTotal: () => void;
  readonly #end = (): void => {
    this.#ended = true;
    this.cut();
    this.#resolveOver();
    this.#wake();
  };

  constructor(options: CallWatchOptions) {
    this.#options = options;
    this.#ended = options.signal.aborted;
    this.over = new Promise((resolve) => {
      this.#resolveOver = resolve;
    });
    options.signal.addEventListener('abort', this.#end, { once: true });
    const { totalMs } = options.timeouts;
    this.#cancelTotal = totalMs > 0 ? options.clock.after(totalMs, () => this.#expire(endings.total)) : () => {};
  }

  /** True once the reader went away or time ran out: nothing more is to be sent. */
  get ended(): boolean {
    return this.#ended;
  }

  /** Why time ran out; nothing when the reader went away. */
  get failure(): ModelFailure | undefined {
    return this.#failure;
  }

  /** Starts an attempt. @returns the signal for its request */
  begin(): AbortSignal {
    this.#controller = new AbortController();
    if (this.#ended) this.#controller.abort(over);
    return this.#controller.signal;
  }

  /** Starts the wait for the first piece (from the request on) or for the next one. */
  expect(what: Wait): void {
    const limit = this.#limit(what);
    this.#waiting = limit > 0 ? what : undefined;
    if (limit <= 0) return;
    this.#since = this.#options.clock.now();
    if (this.#armed !== what) this.#arm(what, limit);
  }

  /** Something came: no wait is running. */
  rest(): void {
    this.#waiting = undefined;
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
    this.rest();
    this.#disarm();
    this.#controller.abort(over);
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

  #limit(what: Wait): number {
    const { timeouts, patient } = this.#options;
    if (what === 'next') return timeouts.gapMs;
    return patient ? timeouts.thinkingFirstTokenMs : timeouts.firstTokenMs;
  }

  #arm(what: Wait, ms: number): void {
    this.#disarm();
    this.#armed = what;
    this.#cancelTimer = this.#options.clock.after(ms, () => {
      this.#armed = undefined;
      this.#check(what);
    });
  }

  #disarm(): void {
    this.#cancelTimer();
    this.#armed = undefined;
  }

  /** The timer may be older than the wait. */
  #check(what: Wait): void {
    if (this.#waiting !== what) return;
    const limit = this.#limit(what);
    const left = Math.min(limit, this.#since + limit - this.#options.clock.now());
    if (left > 0) this.#arm(what, left);
    else this.#expire(endings[what]);
  }

  #expire({ message, kind }: { readonly message: string; readonly kind: string }): void {
    this.#failure ??= { code: 'MODEL_TIMEOUT', message, class: kind, retryable: true };
    this.#end();
  }
}

/** Why a request is ended: one for all, because a new one would be made with its stack, after every answer. */
const over = new Error('The call is over.');

const endings = {
  first: { message: 'The model did not begin to answer in time.', kind: 'first_token_timeout' },
  next: { message: 'The model stopped in the middle of its answer.', kind: 'idle_timeout' },
  total: { message: 'The answer took too long and was ended.', kind: 'total_timeout' },
} as const;
