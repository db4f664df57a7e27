import { createHash } from 'node:crypto';

/**
 * What tells that no line of a file is missing or changed: each value is the SHA-256 of the one before, a line feed and the
 * line. Unlike one hash over the whole it can be carried on by whoever has only its last value.
 */
export const emptyChain = createHash('sha256').digest('hex');

export function chained(chain: string, line: string): string {
  return createHash('sha256').update(`${chain}\n${line}`).digest('hex');
}
