import { type Request, Router } from 'express';
import {
  type AccountInfo,
  type AccountPatchBody,
  accountListQuerySchema,
  accountPatchBodySchema,
  type Page,
  type SessionInfo,
} from '../../protocol/index.ts';
import { methodNotAllowed } from './error-responder.ts';
import { parse, parseQuery } from './json-body.ts';
import { pathId } from './path-id.ts';
import type { RequestIdentities } from './request-identity.ts';
import { requireAdmin } from './require-admin.ts';

/** What the routes need of `services/administration`; it checks the actor's rights again. */
export interface AdministrationPort {
  list(
    actorId: string,
    query: { readonly q?: string | undefined; readonly cursor?: string | undefined; readonly limit?: number | undefined },
  ): Promise<Page<AccountInfo>>;
  change(actorId: string, userId: string, patch: AccountPatchBody): Promise<AccountInfo>;
  sessionsOf(actorId: string, userId: string, currentSid: string | null): Promise<readonly SessionInfo[]>;
  signOut(actorId: string, userId: string): Promise<void>;
}

export interface AdminRoutesDeps {
  readonly administration: AdministrationPort;
  readonly identities: RequestIdentities;
}

/** `/api/admin/users*`: people and their rights, for administrators. */
export function createAdminRoutes({ administration, identities }: AdminRoutesDeps): Router {
  const router = Router();
  const actorOf = (request: Request) => requireAdmin(identities, request);

  router
    .route('/api/admin/users')
    .get(async (request, response) => {
      const { user } = await actorOf(request);
      response.json(await administration.list(user.id, parseQuery(accountListQuerySchema, request.query)));
    })
    .all(methodNotAllowed('GET'));

  router
    .route('/api/admin/users/:id')
    .patch(async (request, response) => {
      const { user } = await actorOf(request);
      const patch = parse(accountPatchBodySchema, request.body);
      response.json({ account: await administration.change(user.id, pathId(request), patch) });
    })
    .all(methodNotAllowed('PATCH'));

  router
    .route('/api/admin/users/:id/sessions')
    .get(async (request, response) => {
      const { user, sid } = await actorOf(request);
      response.json({ items: await administration.sessionsOf(user.id, pathId(request), sid), nextCursor: null });
    })
    .delete(async (request, response) => {
      const { user } = await actorOf(request);
      await administration.signOut(user.id, pathId(request));
      response.status(204).end();
    })
    .all(methodNotAllowed('GET, DELETE'));

  return router;
}
