import { Router } from 'express';
import type { SessionInfo } from '../../protocol/index.ts';
import { methodNotAllowed } from './error-responder.ts';
import { pathId } from './path-id.ts';
import type { RequestIdentities } from './request-identity.ts';

/** What the routes need of `services/accounts`. */
export interface SessionsPort {
  listSessions(userId: string, currentSid: string): Promise<readonly SessionInfo[]>;
  endSession(userId: string, sid: string): Promise<void>;
  endOtherSessions(userId: string, sid: string): Promise<void>;
}

export interface SessionRoutesDeps {
  readonly sessions: SessionsPort;
  readonly identities: RequestIdentities;
}

/** `/api/auth/sessions*`: where one is signed in, and ending it from elsewhere. */
export function createSessionRoutes({ sessions, identities }: SessionRoutesDeps): Router {
  const router = Router();

  router
    .route('/api/auth/sessions')
    .get(async (request, response) => {
      const { user, sid } = await identities.require(request);
      response.json({ items: await sessions.listSessions(user.id, sid), nextCursor: null });
    })
    .delete(async (request, response) => {
      const { user, sid } = await identities.require(request);
      await sessions.endOtherSessions(user.id, sid);
      response.status(204).end();
    })
    .all(methodNotAllowed('GET, DELETE'));

  router
    .route('/api/auth/sessions/:id')
    .delete(async (request, response) => {
      const { user, sid } = await identities.require(request);
      const id = pathId(request);
      await sessions.endSession(user.id, id);
      if (id === sid) identities.setCookie(response, '', null);
      response.status(204).end();
    })
    .all(methodNotAllowed('DELETE'));

  return router;
}
