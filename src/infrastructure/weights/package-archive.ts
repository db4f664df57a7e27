import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { extract, type Header } from 'tar-stream';
import { pathInside } from './path-inside.ts';

export interface UnpackOptions {
  readonly folder: string;
  /** Which files, by their path inside the package. */
  readonly wanted: (name: string) => boolean;
  /** Of everything inside the package, in bytes: more is a bomb. */
  readonly most: number;
  readonly signal: AbortSignal;
}

const MOST_ENTRIES = 100_000;

/**
 * Unpacks some files of a package. A package with links, or with any path that leads out of its folder, is refused as a whole.
 * @returns the paths that were written, relative to the folder
 */
export async function unpackPackage(file: string, options: UnpackOptions): Promise<string[]> {
  const { most, signal } = options;
  const entries = extract();
  let bytes = 0;
  const counting = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.byteLength;
      done(bytes > most ? new Error('the package is much larger inside than outside') : null, chunk);
    },
  });
  const feeding = pipeline(createReadStream(file), createGunzip(), counting, entries, { signal });
  const taking = takeEntries(entries, options).catch((error: unknown) => {
    entries.destroy(error instanceof Error ? error : new Error(String(error)));
    throw error;
  });
  const [fed, taken] = await Promise.allSettled([feeding, taking]);
  // Whoever failed first made the other fail; a refusal says more than a stream that was destroyed.
  if (taken.status === 'rejected') throw fed.status === 'rejected' && isClosed(taken.reason) ? fed.reason : taken.reason;
  if (fed.status === 'rejected') throw fed.reason;
  return taken.value;
}

function isClosed(error: unknown): boolean {
  return error instanceof Error && /closed|premature/i.test(error.message);
}

async function takeEntries(entries: ReturnType<typeof extract>, { folder, wanted }: UnpackOptions): Promise<string[]> {
  const written: string[] = [];
  let count = 0;
  for await (const entry of entries) {
    count += 1;
    if (count > MOST_ENTRIES) throw new Error('the package has too many files');
    const name = nameInside(entry.header);
    if (name === null || !wanted(name)) {
      entry.resume();
      continue;
    }
    const target = pathInside(folder, name);
    await mkdir(path.dirname(target), { recursive: true });
    await pipeline(entry, createWriteStream(target, { flush: true }));
    written.push(name);
  }
  return written;
}

/** Without the first folder, which npm names as it likes. Null: not a file. @throws Error for links and paths that lead out */
function nameInside({ name, type }: Header): string | null {
  if (type !== 'file' && type !== 'contiguous-file' && type !== 'directory')
    throw new Error('the package holds something that is neither a file nor a folder');
  const whole = type === 'directory' ? name.replace(/\/+$/, '') : name;
  pathInside('.', whole);
  return type === 'directory' ? null : whole.split('/').slice(1).join('/');
}
