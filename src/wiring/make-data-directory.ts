import { closeSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { mkdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';

const sentence = 'DATA_DIR: this folder cannot be made or written. Choose another one, or let this user write there.';
const full = 'DATA_DIR: the disk is full. Make room on it, or choose a folder on another one.';
const PROBE_BYTES = 4096;

/** Makes the folder and those above it, for this user alone, and sees that something can be written there. @throws Error with a sentence for the operator */
export async function makeDataDirectory(path: string): Promise<void> {
  try {
    await make(path);
    writeNothing(join(path, '.probe'));
  } catch (cause) {
    const code = codeOf(cause);
    throw new Error(code === 'ENOSPC' || code === 'EDQUOT' ? full : sentence, { cause });
  }
}

/** The file loses its name before anything is written, so that a kill in this moment leaves nothing behind. */
function writeNothing(file: string): void {
  const handle = openSync(file, 'w', 0o600);
  try {
    rmSync(file);
    writeFileSync(handle, Buffer.alloc(PROBE_BYTES));
  } finally {
    closeSync(handle);
  }
}

/** Step by step: Node's own `recursive` never returns below /proc, where a folder's parent exists and yet nothing can be made. */
async function make(path: string): Promise<void> {
  try {
    await makeOne(path);
  } catch (error) {
    const above = dirname(path);
    if (codeOf(error) !== 'ENOENT' || above === path) throw error;
    await make(above);
    await makeOne(path);
  }
}

async function makeOne(path: string): Promise<void> {
  try {
    await mkdir(path, { mode: 0o700 });
  } catch (error) {
    const exists = codeOf(error) === 'EEXIST' && (await stat(path)).isDirectory();
    if (!exists) throw error;
  }
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}
