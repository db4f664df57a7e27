import { createHash, randomUUID } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { checkBlobKey, holdError } from './blob-input.ts';

/** Where half-written blobs lie; no shard has this name. */
const unfinished = 'unfinished';

/**
 * Blobs as files of one folder: written beside it, flushed, then renamed, so that a key holds all of a blob or none.
 * Folders 0700, files 0600. Nothing but this adapter may write there.
 * @param options.directory is made when missing
 */
export function createLocalBlobs({ directory }: { readonly directory: string }) {
  const workDirectory = join(directory, unfinished);
  const pathOf = (key: string) => blobPath(directory, key);

  async function put(key: string, source: Readable | string): Promise<{ size: number }> {
    const path = pathOf(key);
    holdError(source);
    await mkdir(workDirectory, { recursive: true, mode: 0o700 });
    const temporary = join(workDirectory, randomUUID());
    try {
      const input = typeof source === 'string' ? createReadStream(source) : source;
      await pipeline(input, createWriteStream(temporary, { flags: 'wx', mode: 0o600, flush: true }));
      const { size } = await stat(temporary);
      await mkdir(dirname(path), { recursive: true, mode: 0o700 });
      await rename(temporary, path);
      await flushDirectory(dirname(path));
      return { size };
    } catch (error) {
      await rm(temporary, { force: true });
      throw error;
    }
  }

  async function openBlob(key: string, range?: { start: number; end: number }): Promise<{ stream: Readable; size: number } | null> {
    const file = await open(pathOf(key), 'r').catch(nullWhenMissing);
    if (file === null) return null;
    try {
      const { size } = await file.stat();
      return { stream: file.createReadStream(range === undefined ? {} : { start: range.start, end: range.end }), size };
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  async function sweepUnfinished(before: number): Promise<number> {
    let removed = 0;
    for (const name of (await readdir(workDirectory).catch(nullWhenMissing)) ?? []) {
      const path = join(workDirectory, name);
      const found = await stat(path).catch(nullWhenMissing);
      if (found === null || found.mtimeMs >= before) continue;
      await rm(path, { force: true });
      removed += 1;
    }
    return removed;
  }

  return {
    put,
    open: openBlob,
    delete: (key: string): Promise<void> => rm(pathOf(key), { force: true }),
    list: () => listBlobs(directory),
    sweepUnfinished,
  };
}

/** Two hex digits of the key's hash come first, so that no folder grows beyond a 256th of all. */
function blobPath(directory: string, key: string): string {
  checkBlobKey(key);
  const shard = createHash('sha256').update(key).digest('hex').slice(0, 2);
  return join(directory, shard, ...key.split('/'));
}

async function* listBlobs(directory: string): AsyncGenerator<{ key: string; modifiedAt: number; size: number }> {
  for (const shard of (await readdir(directory).catch(nullWhenMissing)) ?? []) {
    if (shard === unfinished) continue;
    const root = join(directory, shard);
    for (const entry of await readdir(root, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue;
      const path = join(entry.parentPath, entry.name);
      const found = await stat(path).catch(nullWhenMissing);
      if (found !== null) yield { key: relative(root, path).split(sep).join('/'), modifiedAt: found.mtimeMs, size: found.size };
    }
  }
}

function nullWhenMissing(error: unknown): null {
  if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
  throw error;
}

/** A rename is durable only once its folder is; Windows cannot open folders and needs no such thing. */
async function flushDirectory(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
