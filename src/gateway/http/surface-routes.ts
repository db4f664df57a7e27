import { createHash } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { type Request, type RequestHandler, type Response, Router } from 'express';
import { AppError } from '../../lib/app-error.ts';
import type { Clock } from '../../lib/clock.ts';
import { readmeQuerySchema, type SurfaceInfo } from '../../protocol/index.ts';
import type { Asks } from '../../services/surface/asks.ts';
import type { SiteFolder } from '../../services/surface/site-folder.ts';
import { localeOf } from '../locale-of.ts';
import { methodNotAllowed } from './error-responder.ts';
import { parseQuery } from './json-body.ts';
import { createMultipart } from './multipart.ts';
import { pathId } from './path-id.ts';
import type { RequestIdentities } from './request-identity.ts';

export interface SurfaceRoutesDeps {
  readonly info: () => SurfaceInfo;
  readonly site: Pick<SiteFolder, 'current' | 'readme' | 'avatar'>;
  readonly identities: RequestIdentities;
}

/** What plugins and the operator put around the conversation. */
export function createSurfaceRoutes({ info, site, identities }: SurfaceRoutesDeps): Router {
  const router = Router();
  const onlyGet = methodNotAllowed('GET');

  router
    .route('/api/surface')
    .get(async (request, response) => {
      await identities.require(request);
      response.json({ surface: info() });
    })
    .all(onlyGet);

  router
    .route('/api/readme')
    .get(async (request, response) => {
      await identities.require(request);
      const { locale } = parseQuery(readmeQuerySchema, request.query);
      const readme = await site.readme(localeOf(locale));
      if (readme === null) throw new AppError('NOT_FOUND');
      response.json(readme);
    })
    .all(onlyGet);

  router
    .route('/api/avatars/:name')
    .get(async (request, response) => {
      const avatar = await site.avatar(String(request.params['name']));
      if (avatar === null) throw new AppError('NOT_FOUND');
      response.set('Content-Type', avatar.mime);
      sendOwn(request, response, avatar.data);
    })
    .all(onlyGet);

  router
    .route('/site/theme.css')
    .get((request, response) => {
      response.set('Content-Type', 'text/css; charset=utf-8');
      sendOwn(request, response, Buffer.from(site.current.css));
    })
    .all(onlyGet);

  return router;
}

/** Files of the operator: asked for again each time, sent again when they have changed. */
function sendOwn(request: Request, response: Response, data: Buffer): void {
  const etag = `"${createHash('sha256').update(data).digest('hex').slice(0, 32)}"`;
  response.set({
    ETag: etag,
    'Cache-Control': 'no-cache',
    'X-Content-Type-Options': 'nosniff',
    'Content-Security-Policy': "sandbox; default-src 'none'",
  });
  if (request.headers['if-none-match'] === etag) response.status(304).end();
  else response.end(data);
}

export interface AskFileRoutesDeps {
  readonly asks: Pick<Asks, 'addFile' | 'fileSpec'>;
  readonly identities: RequestIdentities;
  readonly temporaryDirectory: string;
  /** Of one file of any question, in bytes. */
  readonly maxBytes: number;
  /** Before a file is received. @throws AppError OVERLOADED */
  readonly assertRoom: () => void;
  readonly clock: Clock;
}

/** Files of one person under way at once. */
const MOST_UNDER_WAY = 4;

/** Files for questions that want some: they come by a route of their own, since they may be of any type. */
export function createAskFileRoutes({
  asks,
  identities,
  temporaryDirectory,
  maxBytes,
  assertRoom,
  clock,
}: AskFileRoutesDeps): RequestHandler {
  const underWay = new Map<string, number>();
  const router = Router();
  router
    .route('/api/asks/:id/files')
    .post(async (request, response) => {
      const { user } = await identities.require(request);
      assertRoom();
      const askId = pathId(request);
      // Before a byte of it is received.
      const spec = await asks.fileSpec(user.id, askId);
      const open = underWay.get(user.id) ?? 0;
      if (open >= MOST_UNDER_WAY) throw new AppError('RATE_LIMITED', { retryAfter: 2 });
      underWay.set(user.id, open + 1);
      try {
        const most = Math.min(spec.maxBytes ?? maxBytes, maxBytes);
        const received = await createMultipart({ temporaryDirectory, maxBytes: most, clock })(request, response);
        const { path, originalName: name, mime, size } = received;
        try {
          response.status(201).json({ file: await asks.addFile(user.id, askId, { path, name, mime, size }) });
        } finally {
          await rm(path, { force: true });
        }
      } finally {
        const left = (underWay.get(user.id) ?? 1) - 1;
        if (left > 0) underWay.set(user.id, left);
        else underWay.delete(user.id);
      }
    })
    .all(methodNotAllowed('POST'));
  return router;
}
