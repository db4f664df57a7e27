import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import type { CacheLevel } from '../../core/index.ts';
import type { Clock } from '../../lib/clock.ts';
import type { Logger } from '../../lib/logger.ts';
import type { BlobStore } from '../ports/blob-store.ts';

export interface BlobCacheLevelOptions {
  readonly blobs: Pick<BlobStore, 'put' | 'open' | 'delete' | 'list'>;
  readonly clock: Pick<Clock, 'now'>;
  readonly logger: Logger;
  /** Of all entries together. */
  readonly maxBytes: number;
  /** An entry is thrown away this long after it was written. */
  readonly maxAgeMs: number;
}

const prefix = 'cache/';

/** Whether a blob belongs to the cache: nothing refers to it, it may go at any time, and no backup needs it. */
export function isCacheKey(key: string): boolean {
  return key.startsWith(prefix);
}

/** The level of a cache that lies beside the pictures. It is swept by age and size; between two sweeps it grows by a tenth at most. */
export function createBlobCacheLevel(options: BlobCacheLevelOptions): CacheLevel & { sweep(): Promise<number> } {
  const { blobs, clock, logger, maxBytes, maxAgeMs } = options;
  /** Bytes after the last sweep and what was written since; null: not known yet. */
  let bytes: number | null = null;

  async function entries(): Promise<{ key: string; modifiedAt: number; size: number }[]> {
    const found: { key: string; modifiedAt: number; size: number }[] = [];
    for await (const entry of blobs.list()) if (isCacheKey(entry.key)) found.push(entry);
    return found.sort((a, b) => b.modifiedAt - a.modifiedAt);
  }

  return {
    async get(digest) {
      const found = await blobs.open(`${prefix}${digest}`);
      return found === null ? null : buffer(found.stream);
    },
    async put(digest, value) {
      // Until the first sweep nobody knows how much there is: what comes in that minute is counted from nothing.
      if ((bytes ?? 0) + value.length > maxBytes * 1.1) return;
      await blobs.put(`${prefix}${digest}`, Readable.from([value]));
      bytes = (bytes ?? 0) + value.length;
    },
    delete: (digest) => blobs.delete(`${prefix}${digest}`),
    /** Removes what is old, and the oldest until the rest fits. @returns how many */
    async sweep() {
      const oldest = clock.now() - maxAgeMs;
      let kept = 0;
      let removed = 0;
      for (const { key, modifiedAt, size } of await entries()) {
        if (modifiedAt >= oldest && kept + size <= maxBytes) kept += size;
        else {
          await blobs.delete(key);
          removed += 1;
        }
      }
      bytes = kept;
      if (removed > 0) logger.info({ count: removed, bytes: kept }, 'cache swept');
      return removed;
    },
  };
}
