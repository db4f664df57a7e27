import { randomBytes } from 'node:crypto';
import type { Request, RequestHandler } from 'express';

const ids = new WeakMap<object, string>();

/** Our own id for each request, never the client's: it finds the line in the log. */
export const assignRequestId: RequestHandler = (request, response, next) => {
  const id = newRequestId();
  ids.set(request, id);
  response.setHeader('X-Request-Id', id);
  next();
};

export function newRequestId(): string {
  return randomBytes(9).toString('base64url');
}

export function requestIdOf(request: Request): string {
  return ids.get(request) ?? 'unknown';
}
