import type { AppError } from '../lib/app-error.ts';
import type { Logger } from '../lib/logger.ts';

export interface Failure {
  /** The same id is shown to the person. */
  readonly requestId: string;
  readonly known: AppError;
  /** As it was thrown. */
  readonly error: unknown;
}

/** What is nobody's bug: the server is full, ending or without its store, and says so elsewhere too. */
const foreseen = new Set([
  'STORE_UNAVAILABLE',
  'OVERLOADED',
  'DRAINING',
  'MODEL_UNAVAILABLE',
  'MODEL_TIMEOUT',
  'MODEL_REFUSED',
  'MODEL_BAD_KEY',
]);

/** Writes a failure of the server (not of who asked) down, under the id that the person sees. @returns whether it was one */
export function logFailure(logger: Logger, { requestId, known, error }: Failure, message: string): boolean {
  if (known.status < 500) return false;
  const fields = { requestId, code: known.code, error };
  if (foreseen.has(known.code)) logger.warn(fields, message);
  else logger.error(fields, message);
  return true;
}
