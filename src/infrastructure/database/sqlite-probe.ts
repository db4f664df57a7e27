import { closeSync, fsyncSync, openSync, rmSync, writeFileSync } from 'node:fs';
import type Database from 'libsql';

/** More than a usual group of writes: a full disk may still have room for a page or two in the log of the store. */
const PROBE_BYTES = 1024 * 1024;
const COUNT = "INSERT INTO meta (key, value) VALUES ('probes', '1') ON CONFLICT (key) DO UPDATE SET value = CAST(value AS INTEGER) + 1";

/** The file loses its name first, so that a kill leaves no megabyte behind. @throws what the disk of the store says to a file of its own beside it */
export function probeDisk(file: string): void {
  const path = `${file}-probe`;
  const handle = openSync(path, 'w', 0o600);
  try {
    rmSync(path);
    writeFileSync(handle, Buffer.alloc(PROBE_BYTES));
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

/** One more in the number of times that this store was tried: a write that changes something. */
export function countProbe(db: Database.Database): void {
  db.prepare(COUNT).run();
}
