import { closeSync, fsyncSync, mkdirSync, openSync, readdirSync, renameSync, rmSync, statfsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type Database from 'libsql';
import { StoreUnavailableError } from '../../lib/store-errors.ts';

export interface SnapshotOptions {
  /** The store's file; snapshots lie in `snapshots` beside it. */
  readonly file: string;
  readonly schema: number;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** Bytes that this process may still write to a folder's disk. */
  readonly freeBytes?: (directory: string) => number;
}

const kept = 3;
/** For the log of the transaction that follows, and for what else is written meanwhile. */
const spareBytes = 16 * 1024 * 1024;
const snapshotName = /^schema-\d+-[0-9TZ-]+\.db$/;

/**
 * A whole copy of the open store, on the disk when this returns. The newest three are kept.
 * @returns its file name
 * @throws StoreUnavailableError when the disk has no room for the copy and the change that it is made for
 */
export function takeSnapshot(db: Database.Database, { file, schema, now, freeBytes = freeBytesOf }: SnapshotOptions): string {
  const directory = join(dirname(file), 'snapshots');
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const needed = 2 * sizeOf(db) + spareBytes;
  if (freeBytes(directory) < needed) {
    const megabytes = Math.ceil(needed / 1024 / 1024);
    throw new StoreUnavailableError(
      `the data in DATA_DIR has to be brought to a new schema, and the disk lacks the room for the snapshot before it: ${megabytes} MiB have to be free`,
    );
  }
  const name = `schema-${schema}-${new Date(now).toISOString().replaceAll(/[:.]/g, '-')}.db`;
  const partial = join(directory, `${name}.partial`);
  rmSync(partial, { force: true });
  // SQLite writes into an empty file, which nobody else may read.
  closeSync(openSync(partial, 'wx', 0o600));
  try {
    db.prepare('VACUUM INTO ?').run(partial);
  } catch (error) {
    rmSync(partial, { force: true });
    throw error;
  }
  flush(partial, 'r+');
  renameSync(partial, join(directory, name));
  removeOlder(directory);
  if (process.platform !== 'win32') flush(directory, 'r');
  return name;
}

function sizeOf(db: Database.Database): number {
  return pragmaNumber(db, 'page_count') * pragmaNumber(db, 'page_size');
}

function pragmaNumber(db: Database.Database, name: 'page_count' | 'page_size'): number {
  const row: unknown = db.prepare(`PRAGMA ${name}`).raw().get();
  return Array.isArray(row) ? Number(row[0]) : 0;
}

function freeBytesOf(directory: string): number {
  const { bavail, bsize } = statfsSync(directory);
  return bavail * bsize;
}

function flush(path: string, flags: string): void {
  const file = openSync(path, flags);
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

/** By the time in their names; what a killed process left half goes too. */
function removeOlder(directory: string): void {
  const names = readdirSync(directory);
  const timeOf = (name: string) => name.replace(/^schema-\d+-/, '');
  const finished = names.filter((name) => snapshotName.test(name)).sort((a, b) => (timeOf(a) < timeOf(b) ? 1 : -1));
  const partial = names.filter((name) => /^schema-\d+-.*\.db\.partial$/.test(name));
  for (const name of [...finished.slice(kept), ...partial]) rmSync(join(directory, name), { force: true });
}
