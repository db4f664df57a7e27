import type { ErrorRequestHandler, RequestHandler, Response } from 'express';
import { AppError } from '../../lib/app-error.ts';
import type { Logger } from '../../lib/logger.ts';
import { logFailure } from '../log-failure.ts';
import { requestIdOf } from './request-id.ts';

/** The one error handler of the HTTP edge: safe words and an id for the person, the cause for the log. */
export function createErrorResponder(logger: Logger): ErrorRequestHandler {
  // Express knows an error handler by its four parameters.
  return (error: unknown, request, response, _next) => {
    const known = appErrorFrom(error);
    logFailure(logger, { requestId: requestIdOf(request), known, error }, 'a request failed');
    if (response.headersSent) {
      // Half an answer cannot be turned into an error, and Express would print the stack.
      response.destroy();
      return;
    }
    sendError(response, known);
  };
}

const ofTheAnswer = ['Content-Type', 'Content-Range', 'Accept-Ranges', 'ETag', 'Content-Disposition'];

export function sendError(response: Response, error: AppError, status: number = error.status): void {
  if (error.retryAfter !== undefined) response.setHeader('Retry-After', String(Math.ceil(error.retryAfter)));
  response.setHeader('Cache-Control', 'no-store');
  // What a route had set for the answer that did not come.
  for (const name of ofTheAnswer) response.removeHeader(name);
  response.status(status).json({ error: error.toShape(requestIdOf(response.req)) });
}

/** Errors of Express and its parsers carry a status of their own; their words are not for the person. */
function appErrorFrom(error: unknown): AppError {
  if (error instanceof AppError) return error;
  if (error instanceof Error && 'status' in error && typeof error.status === 'number' && error.status >= 400 && error.status < 500) {
    return new AppError(error.status === 413 ? 'TOO_LARGE' : 'BAD_REQUEST', { cause: error });
  }
  return AppError.from(error);
}

export const notFound: RequestHandler = () => {
  throw new AppError('NOT_FOUND');
};

/** The last handler of a route. @param allow e.g. `GET, POST` */
export function methodNotAllowed(allow: string): RequestHandler {
  return (_request, response) => {
    response.setHeader('Allow', allow);
    sendError(response, new AppError('BAD_REQUEST', { message: `This address takes ${allow} only.` }), 405);
  };
}
