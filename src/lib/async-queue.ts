export interface AsyncQueueOptions {
  /** Items that may wait before `push` says "full". */
  readonly highWaterMark?: number;
  /** Called once when the reader leaves before the end. */
  readonly onCancel?: () => void;
}

type Taker<T> = (result: IteratorResult<T, undefined>) => void;

/**
 * A bounded queue between one producer and one consumer. Buffered items are delivered before the end or the error; the error
 * is thrown once. `push` never blocks: it answers false when the queue is full or closed, and `ready()` then tells when to go on.
 */
export class AsyncQueue<T> implements AsyncIterableIterator<T, undefined> {
  readonly #highWaterMark: number;
  readonly #onCancel: (() => void) | undefined;
  #buffer: T[] = [];
  #head = 0;
  #ended = false;
  #error: { readonly value: unknown } | null = null;
  #cancelled = false;
  #takers: { resolve: Taker<T>; reject: (error: unknown) => void }[] = [];
  #roomWaiters: ((open: boolean) => void)[] = [];

  constructor(options: AsyncQueueOptions = {}) {
    this.#highWaterMark = options.highWaterMark ?? 64;
    this.#onCancel = options.onCancel;
  }

  get size(): number {
    return this.#buffer.length - this.#head;
  }

  get closed(): boolean {
    return this.#ended;
  }

  /** The consumer waits for an item. */
  get waiting(): boolean {
    return this.#takers.length > 0;
  }

  /** @returns false when the queue is full now (the item was taken all the same) or closed (it was not). */
  push(item: T): boolean {
    if (this.#ended) return false;
    const taker = this.#takers.shift();
    if (taker === undefined) this.#buffer.push(item);
    else taker.resolve({ done: false, value: item });
    return this.size < this.#highWaterMark;
  }

  /** Resolves with true when there is room again, with false when the queue is closed. */
  ready(): Promise<boolean> {
    if (this.#ended) return Promise.resolve(false);
    if (this.size < this.#highWaterMark) return Promise.resolve(true);
    return new Promise((resolve) => this.#roomWaiters.push(resolve));
  }

  /** No more items. Idempotent; the first of `end`, `fail` and `return` wins. */
  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#wakeRoom(false);
    if (this.size === 0) this.#wakeTakers();
  }

  /** Ends with an error, thrown to the reader after the buffered items. The error is stored: nothing rejects unobserved. */
  fail(error: unknown): void {
    if (this.#ended) return;
    this.#error = { value: error };
    this.end();
  }

  next(): Promise<IteratorResult<T, undefined>> {
    if (this.size > 0) {
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- within the size, so it is there (T may be undefined itself)
      const item = this.#buffer[this.#head] as T;
      this.#head += 1;
      if (this.#head > 1024 || this.#head === this.#buffer.length) {
        this.#buffer = this.#buffer.slice(this.#head);
        this.#head = 0;
      }
      if (this.size < this.#highWaterMark) this.#wakeRoom(true);
      return Promise.resolve({ done: false, value: item });
    }
    if (this.#ended) return this.#finish();
    return new Promise((resolve, reject) => this.#takers.push({ resolve, reject }));
  }

  /** The reader leaves: what is buffered is dropped, a pending `next` ends, the producer is told once. */
  return(): Promise<IteratorResult<T, undefined>> {
    const first = !this.#cancelled && !(this.#ended && this.size === 0);
    this.#cancelled = true;
    this.#buffer = [];
    this.#head = 0;
    this.#error = null;
    this.#ended = true;
    this.#wakeRoom(false);
    this.#wakeTakers();
    if (first) this.#onCancel?.();
    return Promise.resolve({ done: true, value: undefined });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #finish(): Promise<IteratorResult<T, undefined>> {
    const error = this.#error;
    this.#error = null;
    if (error !== null) return Promise.reject(error.value);
    return Promise.resolve({ done: true, value: undefined });
  }

  #wakeTakers(): void {
    const takers = this.#takers;
    this.#takers = [];
    const error = this.#error;
    for (const [index, taker] of takers.entries()) {
      if (index === 0 && error !== null) {
        this.#error = null;
        taker.reject(error.value);
      } else taker.resolve({ done: true, value: undefined });
    }
  }

  #wakeRoom(open: boolean): void {
    const waiters = this.#roomWaiters;
    this.#roomWaiters = [];
    for (const resolve of waiters) resolve(open);
  }
}
