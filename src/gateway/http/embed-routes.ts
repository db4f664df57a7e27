import { type RequestHandler, type Response, Router } from 'express';
import { AppError } from '../../lib/app-error.ts';
import { methodNotAllowed } from './error-responder.ts';

/**
 * The chat inside other people's pages: `/widget.js`, which they load, and `/embed`, which it shows in a frame. Only the origins
 * given may frame that page, and no other page may be framed at all. Without origins both are not there.
 * @param origins exact ones (EMBED_ORIGINS)
 */
export function createEmbedRoutes(origins: readonly string[]): RequestHandler {
  const router = Router();
  const onlyGet = methodNotAllowed('GET');
  const onlyWhenOn: RequestHandler = (_request, _response, next) => {
    if (origins.length === 0) throw new AppError('NOT_FOUND');
    next();
  };

  router
    .route('/widget.js')
    .get(onlyWhenOn, (_request, response, next) => {
      response.setHeader('Cross-Origin-Resource-Policy', 'cross-origin');
      next('route');
    })
    .all(onlyGet);
  router
    .route('/embed')
    .get(onlyWhenOn, (request, response, next) => {
      allowFraming(response, origins);
      // The same page as everywhere: its script sees where it is.
      request.url = '/';
      next('route');
    })
    .all(onlyGet);
  // Which pages the framed one may talk to. No secret: the header of that page says the same.
  router
    .route('/api/embed')
    .get((_request, response) => void response.json({ origins }))
    .all(onlyGet);
  return router;
}

function allowFraming(response: Response, origins: readonly string[]): void {
  const policy = String(response.getHeader('Content-Security-Policy') ?? '');
  response.setHeader('Content-Security-Policy', policy.replace("frame-ancestors 'none'", `frame-ancestors ${origins.join(' ')}`));
  response.removeHeader('X-Frame-Options');
  // For pages that isolate themselves (COEP): they frame only what says that it may be.
  response.setHeader('Cross-Origin-Resource-Policy', 'cross-origin');
}
