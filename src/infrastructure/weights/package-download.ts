import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';

export interface DownloadOptions {
  /** In bytes; a longer answer is cut off. */
  readonly size: number;
  readonly signal: AbortSignal;
  onProgress(bytes: number): void;
  /** Without a byte for so long, the download has failed. @default 60 s */
  readonly stallMs?: number;
}

/** Streams an address into a file. The caller removes what is left of a failure. @throws Error when it fails, stalls, or is longer than it should be */
export async function downloadTo(file: string, address: string, options: DownloadOptions): Promise<void> {
  const { size, signal, onProgress, stallMs = 60_000 } = options;
  const stall = new AbortController();
  const stalled = () => stall.abort(new Error('the download stands still'));
  let timer = setTimeout(stalled, stallMs);
  let bytes = 0;
  try {
    const answer = await fetch(address, { signal: AbortSignal.any([signal, stall.signal]), redirect: 'follow' });
    if (!answer.ok || answer.body === null) throw new Error(`the registry answered ${answer.status}`);
    const counting = new Transform({
      transform(chunk: Buffer, _encoding, done) {
        clearTimeout(timer);
        timer = setTimeout(stalled, stallMs);
        bytes += chunk.byteLength;
        onProgress(bytes);
        done(bytes > size ? new Error('the package is larger than its manifest says') : null, chunk);
      },
    });
    await pipeline(Readable.fromWeb(answer.body), counting, createWriteStream(file, { flush: true }));
  } catch (error) {
    throw stall.signal.aborted && !signal.aborted ? stall.signal.reason : error;
  } finally {
    clearTimeout(timer);
  }
}

/** @returns e.g. `sha512-…`, the form of npm, or hex */
export async function sumOf(file: string, algorithm: 'sha512' | 'sha256'): Promise<string> {
  const hash = createHash(algorithm);
  await pipeline(createReadStream(file), hash);
  return algorithm === 'sha512' ? `sha512-${hash.digest('base64')}` : hash.digest('hex');
}
