import type { Readable } from 'node:stream';

/** Both ends inclusive, in bytes, within the blob. */
export interface BlobRange {
  readonly start: number;
  readonly end: number;
}

/**
 * Big byte strings under keys that we make ourselves. A key holds `a-z 0-9 / . _ -`, at most 200 characters, no segment
 * that begins with a dot: anything else is refused with a `TypeError`, so a key can never become another path.
 */
export interface BlobStore {
  /** Stores a stream or a copy of the file at a path, replacing what the key held. Resolves when durable; on failure the key is unchanged. */
  put(key: string, source: Readable | string): Promise<{ size: number }>;
  /** `size` is that of the whole blob. @returns null when the key is unknown. The caller reads the stream to its end or destroys it. */
  open(key: string, range?: BlobRange): Promise<{ stream: Readable; size: number } | null>;
  /** Deleting an unknown key is not an error. */
  delete(key: string): Promise<void>;
  /** Every finished blob, in no order; `modifiedAt` in milliseconds since the epoch, `size` in bytes. */
  list(): AsyncIterable<{ key: string; modifiedAt: number; size: number }>;
  /** Removes what writes that never finished left behind before `before` (milliseconds since the epoch). @returns how many */
  sweepUnfinished(before: number): Promise<number>;
}
