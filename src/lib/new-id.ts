import { monotonicFactory } from 'ulid';

const next = monotonicFactory();

/** A ULID: 26 characters that sort by time of making, strictly increasing within this process. Not a secret. */
export function newId(): string {
  return next();
}
