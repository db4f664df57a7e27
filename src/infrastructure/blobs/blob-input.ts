import type { Readable } from 'node:stream';

const keyPattern = /^(?=.{1,200}$)[a-z0-9_-][a-z0-9._-]*(?:\/[a-z0-9_-][a-z0-9._-]*)*$/;

/** @throws TypeError for a key that could become another path: upper case, `..`, a dot file, an empty segment, a backslash, a NUL. */
export function checkBlobKey(key: string): string {
  if (!keyPattern.test(key)) throw new TypeError('bad blob key');
  return key;
}

/** A source that fails before anybody reads it would end the process; its error is not lost, reading it then fails. */
export function holdError(source: Readable | string): void {
  if (typeof source !== 'string') source.on('error', () => {});
}
