import { type Request, type RequestHandler, Router } from 'express';
import { AppError } from '../../lib/app-error.ts';
import {
  type Conversation,
  idSchema,
  type Page,
  pageQuerySchema,
  type Share,
  type ShareBody,
  type SharedView,
  shareBodySchema,
  sharedQuerySchema,
  type User,
} from '../../protocol/index.ts';
import type { ClientAddress } from './client-address.ts';
import { methodNotAllowed } from './error-responder.ts';
import { parse, parseQuery } from './json-body.ts';
import { pathId } from './path-id.ts';
import type { RequestIdentities } from './request-identity.ts';
import { type ServedFiles, sendFile } from './send-file.ts';
import { whileHere } from './while-here.ts';

export interface ShareRoutesDeps {
  readonly identities: RequestIdentities;
  readonly shares: {
    create(user: User, conversationId: string, body: ShareBody): Promise<Share>;
    list(ownerId: string, query: { cursor?: string | undefined; limit?: number | undefined }): Promise<Page<Share>>;
    listOf(ownerId: string, conversationId: string): Promise<readonly Share[]>;
    revoke(ownerId: string, id: string): Promise<void>;
    admit(addressKey: string | null): void;
    view(id: string, page: number): Promise<SharedView>;
    file(id: string, name: string): Promise<{ readonly ownerId: string; readonly fileId: string }>;
  };
  /** A conversation of the reader's own that goes on where the copy ends. */
  readonly copyShare: (user: User, shareId: string, signal: AbortSignal) => Promise<Conversation>;
  readonly files: ServedFiles;
  readonly address: ClientAddress;
}

/**
 * Shared copies: their owner's side, and what anybody with the link gets. The latter looks at no cookie, is kept by no cache and
 * found by no search engine; an unknown and a revoked id get the same answer.
 */
export function createShareRoutes(deps: ShareRoutesDeps): Router {
  const router = Router();
  mountOwn(router, deps);
  mountPublic(router, deps);
  return router;
}

function mountOwn(router: Router, { identities, shares }: ShareRoutesDeps): void {
  const userOf = async (request: Request): Promise<User> => (await identities.require(request)).user;

  router
    .route('/api/conversations/:id/shares')
    .get(async (request, response) => {
      const { id } = await userOf(request);
      response.json({ items: await shares.listOf(id, pathId(request)), nextCursor: null });
    })
    .post(async (request, response) => {
      const user = await userOf(request);
      const share = await shares.create(user, pathId(request), parse(shareBodySchema, request.body));
      response.status(201).json({ share });
    })
    .all(methodNotAllowed('GET, POST'));

  router
    .route('/api/shares')
    .get(async (request, response) => {
      const { id } = await userOf(request);
      response.json(await shares.list(id, parseQuery(pageQuerySchema, request.query)));
    })
    .all(methodNotAllowed('GET'));

  router
    .route('/api/shares/:id')
    .delete(async (request, response) => {
      const { id } = await userOf(request);
      await shares.revoke(id, pathId(request));
      response.status(204).end();
    })
    .all(methodNotAllowed('DELETE'));
}

function mountPublic(router: Router, { identities, shares, copyShare, files, address }: ShareRoutesDeps): void {
  const admit: RequestHandler = (request, response, next) => {
    shares.admit(address.keyOf(request));
    response.setHeader('X-Robots-Tag', 'noindex, nofollow, noarchive');
    next();
  };

  router
    .route('/api/shared/:id')
    .get(admit, async (request, response) => {
      const { cursor = '0' } = parseQuery(sharedQuerySchema, request.query);
      response.json(await shares.view(pathId(request), Number(cursor)));
    })
    .all(methodNotAllowed('GET'));

  router
    .route('/api/shared/:id/files/:file')
    .get(admit, async (request, response) => {
      const name = idSchema.safeParse(request.params['file']);
      if (!name.success) throw new AppError('NOT_FOUND');
      const file = await shares.file(pathId(request), name.data);
      // Taken back means gone: no cache may answer for us.
      await sendFile(request, response, { files, ...file, caching: { 'Cache-Control': 'no-store' } });
    })
    .all(methodNotAllowed('GET'));

  router
    .route('/api/shared/:id/copy')
    .post(admit, async (request, response) => {
      const { user } = await identities.require(request);
      const conversation = await whileHere(response, (signal) => copyShare(user, pathId(request), signal));
      response.status(201).json({ conversation });
    })
    .all(methodNotAllowed('POST'));
}
