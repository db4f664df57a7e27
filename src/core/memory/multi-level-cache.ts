import { createHash } from 'node:crypto';
import type { JsonValue } from '../../lib/document-store.ts';
import type { Logger } from '../../lib/logger.ts';
import { ByteLru } from './byte-lru.ts';
import { openEntry, sealEntry } from './cache-entry.ts';

/** The level below the memory: slower, larger, and there after a restart. May lose what it was given. */
export interface CacheLevel {
  /** @param digest 64 hex digits. Null: it has none */
  get(digest: string): Promise<Uint8Array | null>;
  put(digest: string, value: Uint8Array): Promise<void>;
  delete(digest: string): Promise<void>;
}

export interface MultiLevelCacheOptions {
  /** That the memory may hold. */
  readonly memoryBytes: number;
  /** Nothing larger is kept at any level. */
  readonly maxEntryBytes: number;
  /** Null: what the memory forgets is gone. */
  readonly below: CacheLevel | null;
  readonly logger: Logger;
}

export interface CacheCounts {
  /** Found in memory, found below, found nowhere. */
  readonly memory: number;
  readonly below: number;
  readonly misses: number;
  /** Entries below that were not what they should be. */
  readonly damaged: number;
  /** Held by the memory now. */
  readonly entries: number;
  readonly bytes: number;
}

/**
 * Byte strings by what they were made of: in memory up to a size, below it in something that survives. A cache is never the reason that
 * something fails: a level that cannot be read is a miss, one that cannot be written is left out.
 */
export class MultiLevelCache {
  readonly #options: MultiLevelCacheOptions;
  readonly #memory: ByteLru;
  readonly #reads = new Map<string, Promise<Uint8Array | null>>();
  #counts = { memory: 0, below: 0, misses: 0, damaged: 0 };

  constructor(options: MultiLevelCacheOptions) {
    this.#options = options;
    this.#memory = new ByteLru(options.memoryBytes);
  }

  /** The value is shared: nobody may change it. Never rejects. */
  async get(key: string): Promise<Uint8Array | null> {
    const digest = digestOf(key);
    const held = this.#memory.get(digest);
    if (held !== undefined) {
      this.#counts.memory += 1;
      return held;
    }
    const found = await this.#readBelow(digest, key);
    if (found === null) this.#counts.misses += 1;
    else this.#counts.below += 1;
    return found;
  }

  /** Resolves when it is kept as well as it will be. Never rejects. */
  async set(key: string, value: Uint8Array): Promise<void> {
    const { below, maxEntryBytes, logger } = this.#options;
    if (value.length > maxEntryBytes) return;
    const digest = digestOf(key);
    this.#reads.delete(digest);
    this.#memory.set(digest, value);
    try {
      await below?.put(digest, sealEntry(key, value));
    } catch (error) {
      logger.warn({ error }, 'the cache could not be written');
    }
  }

  /** Never rejects; what is being read meanwhile is not kept. */
  async delete(key: string): Promise<void> {
    const digest = digestOf(key);
    this.#reads.delete(digest);
    this.#memory.delete(digest);
    await this.#deleteBelow(digest);
  }

  counts(): CacheCounts {
    return { ...this.#counts, entries: this.#memory.size, bytes: this.#memory.bytes };
  }

  #readBelow(digest: string, key: string): Promise<Uint8Array | null> {
    const known = this.#reads.get(digest);
    if (known !== undefined) return known;
    const reading: Promise<Uint8Array | null> = this.#open(digest, key).then((value) => {
      // Not if it was written or deleted meanwhile.
      if (this.#reads.get(digest) !== reading) return value;
      this.#reads.delete(digest);
      if (value !== null) this.#memory.set(digest, value);
      return value;
    });
    this.#reads.set(digest, reading);
    return reading;
  }

  async #open(digest: string, key: string): Promise<Uint8Array | null> {
    const { below, logger } = this.#options;
    try {
      const stored = (await below?.get(digest)) ?? null;
      const value = stored === null ? null : openEntry(key, stored);
      if (stored === null || value !== null) return value;
    } catch (error) {
      logger.warn({ error }, 'the cache could not be read');
      return null;
    }
    this.#counts.damaged += 1;
    logger.warn({}, 'a damaged entry of the cache is thrown away');
    await this.#deleteBelow(digest);
    return null;
  }

  async #deleteBelow(digest: string): Promise<void> {
    try {
      await this.#options.below?.delete(digest);
    } catch (error) {
      this.#options.logger.warn({ error }, 'an entry of the cache could not be deleted');
    }
  }
}

/** A key made of everything that a result depends on; the same whatever the order of an object's members. */
export function contentKey(...parts: readonly JsonValue[]): string {
  return digestOf(JSON.stringify(parts.map(sorted)));
}

function sorted(value: JsonValue | undefined): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(members.map(([name, member]) => [name, sorted(member)]));
}

function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
