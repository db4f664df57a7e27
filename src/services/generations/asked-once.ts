import { LruMap } from '../../lib/lru-map.ts';

/** Requests that are remembered after a write without an answer: far more than people can have open. */
const MOST_UNANSWERED = 1000;

/**
 * One request of a client id at a time in this process, and the memory of those whose write got no answer from the store:
 * it may have happened, so the retry of the same request must take up what was begun instead of finding it and waiting.
 */
export class AskedOnce<T> {
  readonly #asking = new Map<string, Promise<unknown>>();
  readonly #unanswered = new LruMap<string, T>(MOST_UNANSWERED);

  /** Runs the work; the same request at the same time runs after it and finds what it made, or fails as it did. */
  async run<R>(dedupeKey: string, work: () => Promise<R>): Promise<R> {
    const before = this.#asking.get(dedupeKey);
    if (before !== undefined) {
      await before;
      return work();
    }
    const running = work();
    this.#asking.set(dedupeKey, running);
    try {
      return await running;
    } finally {
      this.#asking.delete(dedupeKey);
    }
  }

  /** The write of this request may or may not have happened. */
  remember(dedupeKey: string, begun: T): void {
    this.#unanswered.set(dedupeKey, begun);
  }

  recall(dedupeKey: string): T | undefined {
    return this.#unanswered.get(dedupeKey);
  }

  forget(dedupeKey: string): void {
    this.#unanswered.delete(dedupeKey);
  }
}
