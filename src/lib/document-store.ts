/**
 * A small document store: the one port that everything durable stands on. SQLite and MongoDB implement it
 * (`infrastructure/database`), one contract suite holds both to the same behaviour. Types only, so that neither side
 * imports the other.
 */

/** What a document may hold: JSON, nothing else. Keys must not start with `$` or contain `.`; times are ISO strings or epoch milliseconds. */
export type JsonValue = string | number | boolean | null | readonly JsonValue[] | { readonly [key: string]: JsonValue | undefined };

/** `id` is the key: a non-empty string. An `undefined` member is not stored. */
export type Document = { readonly id: string };

export interface IndexSpec {
  /** Unique in its collection; part of the error of a violated unique index. */
  readonly name: string;
  /** Top-level field names, most significant first. All but the last compare by equality; the last may also be ranged and gives the order. */
  readonly fields: readonly string[];
  /** A document that lacks one of the fields, or has null there, is not held to uniqueness. */
  readonly unique?: boolean;
  /** One of `fields`: documents that lack it, or have null there, are not in the index, and every query names its value. */
  readonly sparse?: string;
}

export interface CollectionSpec {
  readonly name: string;
  readonly indexes: readonly IndexSpec[];
  /**
   * Turns on `search`: `words` is a field that holds the normalised words of the document (an array of strings),
   * `owner` is the field that every search is confined to.
   */
  readonly search?: { readonly owner: string; readonly words: string };
}

export type Scalar = string | number | boolean | null;

export interface FindQuery {
  /** Name of a declared index: no query runs without one. */
  readonly index: string;
  /** Values of the index's fields by equality: a prefix of the index, in any order of keys. */
  readonly where: Readonly<Record<string, Scalar>>;
  /** Bounds on the first index field that `where` does not name. Exclusive `after`/`before`, inclusive `from`/`to`. */
  readonly range?: { readonly after?: Scalar; readonly before?: Scalar; readonly from?: Scalar; readonly to?: Scalar };
  readonly order?: 'asc' | 'desc';
  /** 1 to 1000. */
  readonly limit: number;
  /** `nextCursor` of the previous page of the same query. A cursor that this store did not make is refused with `BadCursorError`. */
  readonly cursor?: string;
}

export interface FoundPage<T> {
  readonly items: T[];
  readonly nextCursor: string | null;
}

export interface SearchQuery {
  readonly owner: string;
  /** Normalised words, all of which must occur; the last one may be the beginning of a word. At most 16. */
  readonly words: readonly string[];
  readonly limit: number;
  readonly cursor?: string;
}

/** A change that applies only while the document still looks as expected (compare-and-set). */
export interface Change {
  /** Field values that must hold now; null means missing or null. An unmet expectation changes nothing. */
  readonly expect?: Readonly<Record<string, Scalar>>;
  readonly set?: Readonly<Record<string, JsonValue | undefined>>;
  readonly unset?: readonly string[];
  readonly increment?: Readonly<Record<string, number>>;
}

export type BatchOperation =
  | { readonly type: 'insert'; readonly collection: string; readonly document: Document }
  /** Insert, or replace the document of the same id. */
  | { readonly type: 'put'; readonly collection: string; readonly document: Document }
  /** Insert unless the id exists: repeating it changes nothing. */
  | { readonly type: 'insertIfAbsent'; readonly collection: string; readonly document: Document }
  | { readonly type: 'update'; readonly collection: string; readonly id: string; readonly change: Change }
  | { readonly type: 'delete'; readonly collection: string; readonly id: string };

export interface DocumentStore {
  /** `batch` is all or nothing here: nobody ever has to finish one. */
  readonly batchIsAtomic: boolean;
  /** @throws UniqueViolationError naming the index (`id` for the key). Resolves only after the write is durable. */
  insert(collection: string, document: Document): Promise<void>;
  put(collection: string, document: Document): Promise<void>;
  get<T extends Document>(collection: string, id: string): Promise<T | null>;
  /** In the order of `ids`, without those that do not exist. At most 1000. */
  getMany<T extends Document>(collection: string, ids: readonly string[]): Promise<T[]>;
  find<T extends Document>(collection: string, query: FindQuery): Promise<FoundPage<T>>;
  /** How many documents match, counted up to `limit` of the query. */
  count(collection: string, query: Omit<FindQuery, 'cursor' | 'order'>): Promise<number>;
  /** Newest id first (ids are ULIDs). */
  search<T extends Document>(collection: string, query: SearchQuery): Promise<FoundPage<T>>;
  /** @returns the document after the change, or null when it does not exist or the expectation is not met. */
  update<T extends Document>(collection: string, id: string, change: Change): Promise<T | null>;
  /** @returns whether a document was deleted. */
  delete(collection: string, id: string, expect?: Readonly<Record<string, Scalar>>): Promise<boolean>;
  /** Deletes up to `limit` matching documents and says how many. */
  deleteMany(collection: string, query: Omit<FindQuery, 'cursor' | 'order'>): Promise<number>;
  /**
   * Applies operations in order. SQLite: all or nothing. MongoDB (standalone, no transactions): in order, ending at the
   * first failure, so callers put the operation that means "accepted" first and can repeat the others.
   * An `update` whose expectation is not met fails the batch with `ExpectationError`.
   */
  batch(operations: readonly BatchOperation[]): Promise<void>;
  /** Milliseconds since the epoch by the database's clock: leases must not depend on this machine's. */
  now(): Promise<number>;
}

export interface StoreState {
  readonly kind: 'embedded' | 'mongodb';
  readonly ready: boolean;
  /** One plain sentence for the operator when not ready; never holds a secret. */
  readonly reason?: string;
}

/** Documents in the order of their ids, those after `after` (null: from the first). `limit` 1 to 1000. */
export interface ScanPage {
  readonly after: string | null;
  readonly limit: number;
}

/** What the composition root gets from an adapter. */
export interface DocumentDatabase {
  readonly documents: DocumentStore;
  /** A page of a whole collection, whoever its documents belong to: for backups and nothing else, so no part of `DocumentStore`. */
  scan<T extends Document>(collection: string, page: ScanPage): Promise<T[]>;
  /**
   * Opens or connects. Embedded: resolves when open, rejects with `StoreLockedError` when another process owns the folder.
   * MongoDB: resolves at once and goes on connecting in the background; indexes and migrations are done before `ready`.
   */
  start(): Promise<void>;
  /** Resolves when `ready` is true for the first time (at once if it is). */
  whenReady(signal?: AbortSignal): Promise<void>;
  state(): StoreState;
  /** Flushes and closes; later calls reject with `StoreUnavailableError`. */
  close(): Promise<void>;
}
