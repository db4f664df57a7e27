import type { ModelEvent } from './model-events.ts';

export interface AnswerEventsDeps {
  readonly signal: AbortSignal;
  /** Begins the answer, with the first event that is asked for. Undefined: the model was shut down. */
  readonly open: () => AsyncIterable<ModelEvent> | undefined;
  /** Told of each event before it is handed out. @returns whether it is the last one */
  readonly seen: (event: ModelEvent) => boolean;
  /** Told when the model broke its promise to end with such an event. */
  readonly broke: (reason: string) => void;
}

type Result = IteratorResult<ModelEvent, undefined>;
const done: Result = { done: true, value: undefined };

/**
 * What `BaseChatModel.process` hands out: the events of a model, ended by exactly one terminal event, never by an error, and by nothing
 * once the signal was aborted. Written by hand because each token passes here: a generator would cost it three more turns.
 */
export class AnswerEvents implements AsyncIterableIterator<ModelEvent, undefined> {
  readonly #deps: AnswerEventsDeps;
  #inner: AsyncIterator<ModelEvent, unknown> | undefined;
  #over = false;

  constructor(deps: AnswerEventsDeps) {
    this.#deps = deps;
  }

  next(): Promise<Result> {
    if (this.#over) return this.#close();
    if (this.#inner !== undefined) return this.#inner.next().then(this.#take, this.#break);
    if (this.#deps.signal.aborted) return this.#close();
    try {
      const events = this.#deps.open();
      if (events === undefined) return Promise.resolve(this.#fail('INTERNAL', 'This model was shut down.', 'released'));
      this.#inner = events[Symbol.asyncIterator]();
      return this.next();
    } catch (error) {
      return Promise.resolve(this.#break(error));
    }
  }

  return(): Promise<Result> {
    return this.#close();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  readonly #take = (result: IteratorResult<ModelEvent, unknown>): Result | Promise<Result> => {
    if (this.#deps.signal.aborted) return this.#close();
    if (result.done === true) {
      this.#deps.broke('The answer was cut off.');
      return this.#fail('MODEL_UNAVAILABLE', 'The answer was cut off.', 'truncated');
    }
    // Counted first: a reader may leave with the last event.
    this.#over = this.#deps.seen(result.value);
    return result;
  };

  readonly #break = (error: unknown): Result => {
    this.#inner = undefined;
    this.#over = true;
    if (this.#deps.signal.aborted) return done;
    const name = error instanceof Error ? error.name : 'unknown';
    this.#deps.broke(name);
    return this.#fail('INTERNAL', 'The model adapter failed.', name);
  };

  #fail(code: 'INTERNAL' | 'MODEL_UNAVAILABLE', message: string, kind: string): Result {
    this.#over = true;
    return { done: false, value: { type: 'failure', failure: { code, message, class: kind, retryable: true } } };
  }

  /** Lets the model clean up first; what goes wrong there concerns nobody any more. */
  async #close(): Promise<Result> {
    const inner = this.#inner;
    this.#inner = undefined;
    this.#over = true;
    try {
      await inner?.return?.();
    } catch {
      return done;
    }
    return done;
  }
}
