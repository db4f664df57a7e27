/** Work that runs one after the other for each key, and at the same time for different ones. Keys without work are forgotten. */
export class KeyedQueue {
  readonly #last = new Map<string, Promise<void>>();

  /** The work of a key that failed does not stop the next. @returns what `work` gives */
  run<T>(key: string, work: () => Promise<T>): Promise<T> {
    const mine = (this.#last.get(key) ?? Promise.resolve()).then(work);
    const forget = () => {
      if (this.#last.get(key) === done) this.#last.delete(key);
    };
    const done: Promise<void> = mine.then(forget, forget);
    this.#last.set(key, done);
    return mine;
  }
}
