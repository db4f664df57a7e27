/** What a `DocumentStore` may throw. Anything else is a bug. */

export class UniqueViolationError extends Error {
  override readonly name = 'UniqueViolationError';
  readonly collection: string;
  /** Name of the violated index, `id` for the key. */
  readonly index: string;
  constructor(collection: string, index: string, options?: ErrorOptions) {
    super(`${collection}: a document with the same ${index} exists`, options);
    this.collection = collection;
    this.index = index;
  }
}

export class ExpectationError extends Error {
  override readonly name = 'ExpectationError';
  constructor(collection: string, id: string) {
    super(`${collection}/${id}: the document has changed`);
  }
}

/** The database cannot be reached, or does not answer in time. The write may or may not have happened. */
export class StoreUnavailableError extends Error {
  override readonly name = 'StoreUnavailableError';
}

/** Another process owns the embedded store's folder. */
export class StoreLockedError extends Error {
  override readonly name = 'StoreLockedError';
}

export class BadCursorError extends Error {
  override readonly name = 'BadCursorError';
}

/** The caller handed over something the port forbids (unknown index, operator key, non-string id): a bug or an attack. */
export class BadQueryError extends Error {
  override readonly name = 'BadQueryError';
}
