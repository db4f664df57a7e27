import { mkdtemp, readdir, rm, utimes } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MultiLevelCache } from '../../../src/core/index.ts';
import { createLocalBlobs } from '../../../src/infrastructure/blobs/local-blobs.ts';
import { silentLogger } from '../../../src/lib/logger.ts';
import { InstanceBackup } from '../../../src/services/portability/instance-backup.ts';
import { createBlobCacheLevel, isCacheKey } from '../../../src/services/processing/blob-cache-level.ts';
import { createFakeClock } from '../../support/fake-clock.ts';

const day = 24 * 3600_000;
let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'jarvis-cache-'));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

function setUp(maxBytes = 1000) {
  const blobs = createLocalBlobs({ directory });
  const clock = { at: Date.now(), now: () => clock.at };
  const level = createBlobCacheLevel({ blobs, clock, logger: silentLogger, maxBytes, maxAgeMs: 30 * day });
  const cache = new MultiLevelCache({ memoryBytes: 0, maxEntryBytes: 1000, below: level, logger: silentLogger });
  const keys = async () => {
    const found: string[] = [];
    for await (const { key } of blobs.list()) found.push(key);
    return found;
  };
  return { blobs, clock, level, cache, keys };
}

describe('the cache beside the pictures', () => {
  it('keeps entries in the real store, apart from everything else', async () => {
    const { blobs, cache, keys } = setUp();
    await blobs.put('pictures/one', Readable.from([Buffer.from('a picture')]));
    await cache.set('a', Buffer.from('a result'));
    expect(Buffer.from((await cache.get('a')) ?? []).toString()).toBe('a result');
    expect((await keys()).filter((key) => !isCacheKey(key))).toEqual(['pictures/one']);
    await cache.delete('a');
    expect(await keys()).toEqual(['pictures/one']);
  });

  it('throws away what is old, and the oldest of what is too much, and nothing that is not its own', async () => {
    const { blobs, clock, level, keys } = setUp();
    await blobs.put('pictures/one', Readable.from([Buffer.alloc(5000)]));
    const digests = ['a', 'b', 'c', 'd', 'e'].map((letter) => letter.repeat(64));
    for (const digest of digests) await level.put(digest, Buffer.alloc(200));
    for await (const { key } of blobs.list()) {
      const age = digests.findIndex((digest) => key.endsWith(digest));
      // a is the newest; e is beyond its age.
      const at = new Date(clock.at - (age === 4 ? 31 : age) * day);
      if (age >= 0) await utimes(await pathOf(key), at, at);
    }
    expect(await level.sweep()).toBe(1);
    const small = createBlobCacheLevel({ blobs, clock, logger: silentLogger, maxBytes: 500, maxAgeMs: 30 * day });
    expect(await small.sweep()).toBe(2);
    expect((await keys()).sort()).toEqual([`cache/${digests[0]}`, `cache/${digests[1]}`, 'pictures/one']);
  });

  it('is left out of a backup', async () => {
    const { blobs, cache } = setUp();
    await blobs.put('pictures/one', Readable.from([Buffer.from('a picture')]));
    await cache.set('a', Buffer.from('a result'));
    const options = { scan: async () => [], collections: [], schema: 1, blobs, clock: createFakeClock(), version: '1' };
    const lines: string[] = [];
    for await (const line of new InstanceBackup(options).lines()) lines.push(line);
    expect(lines.flatMap((line) => /"key":"([^"]+)"/.exec(line)?.[1] ?? [])).toEqual(['pictures/one', 'pictures/one']);
  });

  it('takes in no more than a tenth above its size until it is swept', async () => {
    const { level, keys } = setUp(1000);
    for (let entry = 0; entry < 20; entry += 1) await level.put(String(entry).padStart(64, '0'), Buffer.alloc(100));
    expect(await keys()).toHaveLength(11);
    await level.sweep();
    expect(await keys()).toHaveLength(10);
    await level.put('f'.repeat(64), Buffer.alloc(100));
    expect(await keys()).toHaveLength(11);
  });
});

async function pathOf(key: string): Promise<string> {
  for (const entry of await readdir(directory, { recursive: true, withFileTypes: true }))
    if (entry.isFile() && join(entry.parentPath, entry.name).endsWith(key)) return join(entry.parentPath, entry.name);
  throw new Error(`no file for ${key}`);
}
