import type { Request, RequestHandler } from 'express';
import type { Clock } from '../../lib/clock.ts';
import type { Logger } from '../../lib/logger.ts';
import { requestIdOf } from './request-id.ts';

/** What was served, for who counts. */
export interface ServedRequest {
  readonly route: string;
  readonly method: string;
  readonly status: number;
  readonly ms: number;
}

/** Asked every few seconds by machines. */
const probes = new Set(['/healthz', '/readyz', '/metrics']);

/** One line a request: the route's pattern and never the address itself, which may hold ids and searched words. */
export function createAccessLog(logger: Logger, clock: Clock, observe: (served: ServedRequest) => void = () => {}): RequestHandler {
  return (request, response, next) => {
    const startedAt = clock.now();
    response.once('close', () => {
      const route = routeOf(request);
      const served = { method: request.method, route, status: response.statusCode, ms: clock.now() - startedAt };
      observe(served);
      const fields = { requestId: requestIdOf(request), ...served };
      const message = response.writableFinished ? 'request' : 'request cut off';
      if (probes.has(route) || route === 'static') logger.debug(fields, message);
      else logger.info(fields, message);
    });
    next();
  };
}

function routeOf(request: Request): string {
  const route: unknown = request.route;
  if (typeof route === 'object' && route !== null && 'path' in route && typeof route.path === 'string') return route.path;
  return request.path.startsWith('/api/') ? 'unknown' : 'static';
}
