import { randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { expect, it } from 'vitest';
import type { BlobStore } from '../../src/services/ports/blob-store.ts';

/** What every blob store does. `setup` is called in each test; `directory` is a folder for the test's own files. */
export function describeBlobStore(setup: () => { blobs: BlobStore; directory: string }): void {
  const newKey = () => `pictures/${randomUUID()}-original`;

  async function read(blobs: BlobStore, key: string, range?: { start: number; end: number }): Promise<string | null> {
    const opened = await blobs.open(key, range);
    return opened === null ? null : (await buffer(opened.stream)).toString('latin1');
  }

  async function keys(blobs: BlobStore): Promise<string[]> {
    const found: string[] = [];
    for await (const { key } of blobs.list()) found.push(key);
    return found;
  }

  it('gives back what a stream or a file put in', async () => {
    const { blobs, directory } = setup();
    const [first, second] = [newKey(), newKey()];
    expect(await blobs.put(first, Readable.from([Buffer.from('abc'), Buffer.from('def')]))).toEqual({ size: 6 });
    const path = join(directory, 'source');
    await writeFile(path, Buffer.alloc(700_000, 'x'));
    expect(await blobs.put(second, path)).toEqual({ size: 700_000 });
    expect(await read(blobs, first)).toBe('abcdef');
    expect((await read(blobs, second))?.length).toBe(700_000);
    expect((await blobs.open(second))?.size).toBe(700_000);
  });

  it('stores a blob of no bytes', async () => {
    const { blobs } = setup();
    const key = newKey();
    expect(await blobs.put(key, Readable.from([]))).toEqual({ size: 0 });
    expect(await read(blobs, key)).toBe('');
  });

  it('reads a range with both ends and still says the whole size', async () => {
    const { blobs } = setup();
    const key = newKey();
    await blobs.put(key, Readable.from([Buffer.from('0123456789')]));
    expect(await read(blobs, key, { start: 2, end: 4 })).toBe('234');
    expect(await read(blobs, key, { start: 9, end: 9 })).toBe('9');
    const opened = await blobs.open(key, { start: 0, end: 0 });
    opened?.stream.destroy();
    expect(opened?.size).toBe(10);
  });

  it('knows nothing of a key that was never put or was deleted, and deletes twice without complaint', async () => {
    const { blobs } = setup();
    const key = newKey();
    expect(await blobs.open(key)).toBeNull();
    await blobs.put(key, Readable.from([Buffer.from('a')]));
    await blobs.delete(key);
    await blobs.delete(key);
    expect(await blobs.open(key)).toBeNull();
  });

  it('replaces what a key held', async () => {
    const { blobs } = setup();
    const key = newKey();
    await blobs.put(key, Readable.from([Buffer.from('old and long')]));
    await blobs.put(key, Readable.from([Buffer.from('new')]));
    expect(await read(blobs, key)).toBe('new');
    expect((await keys(blobs)).filter((found) => found === key)).toHaveLength(1);
  });

  it('leaves the key as it was when the source fails', async () => {
    const { blobs } = setup();
    const [fresh, kept] = [newKey(), newKey()];
    await blobs.put(kept, Readable.from([Buffer.from('kept')]));
    const broken = () =>
      Readable.from(
        (async function* () {
          yield Buffer.alloc(300_000);
          throw new Error('cut off');
        })(),
      );
    await expect(blobs.put(fresh, broken())).rejects.toThrow('cut off');
    await expect(blobs.put(kept, broken())).rejects.toThrow('cut off');
    expect(await blobs.open(fresh)).toBeNull();
    expect(await read(blobs, kept)).toBe('kept');
  });

  it('lists every finished blob with its time and size', async () => {
    const { blobs } = setup();
    const made = [newKey(), newKey(), newKey()];
    const before = Date.now() - 5000;
    for (const key of made) await blobs.put(key, Readable.from([Buffer.from('a')]));
    expect(await keys(blobs)).toEqual(expect.arrayContaining(made));
    for await (const { key, modifiedAt, size } of blobs.list()) {
      expect(modifiedAt).toBeGreaterThan(before);
      if (made.includes(key)) expect(size).toBe(1);
    }
  });

  it.each(['', '/etc/passwd', '../x', 'a/../b', 'a//b', 'a/', '.hidden', 'a/.b', 'A', 'a\\b', 'a\0', 'a b', `a${'b'.repeat(200)}`])(
    'refuses the key %j',
    async (key) => {
      const { blobs } = setup();
      await expect((async () => blobs.put(key, Readable.from([])))()).rejects.toThrow(TypeError);
      await expect((async () => blobs.open(key))()).rejects.toThrow(TypeError);
      await expect((async () => blobs.delete(key))()).rejects.toThrow(TypeError);
    },
  );

  it('has nothing unfinished to sweep after whole writes', async () => {
    const { blobs } = setup();
    const key = newKey();
    await blobs.put(key, Readable.from([Buffer.from('a')]));
    await blobs.sweepUnfinished(Date.now() + 60_000);
    expect(await read(blobs, key)).toBe('a');
  });
}
