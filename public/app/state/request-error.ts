import type { ErrorCode } from '../../../src/protocol/errors.ts';

/** Codes that only the browser knows: the request may not have reached the server. */
export type LocalErrorCode = 'NETWORK' | 'CONNECTION_LOST' | 'CANCELLED';
export type ClientErrorCode = ErrorCode | LocalErrorCode;
export type ErrorParams = Readonly<Record<string, string | number | boolean>>;

export interface ErrorDetails {
  readonly params?: ErrorParams | undefined;
  readonly requestId?: string | undefined;
  /** Seconds. */
  readonly retryAfter?: number | undefined;
}

/** A request that ended in an error; `code` chooses the words in the person's language. */
export class RequestError extends Error {
  readonly code: ClientErrorCode;
  readonly details: ErrorDetails;

  constructor(code: ClientErrorCode, message: string = code, details: ErrorDetails = {}) {
    super(message);
    this.name = 'RequestError';
    this.code = code;
    this.details = details;
  }
}

export function toRequestError(cause: unknown): RequestError {
  return cause instanceof RequestError ? cause : new RequestError('NETWORK', String(cause));
}
