import { Router } from 'express';
import type { Overview } from '../../protocol/index.ts';
import { methodNotAllowed } from './error-responder.ts';
import type { RequestIdentities } from './request-identity.ts';
import { requireAdmin } from './require-admin.ts';

export interface OverviewRoutesDeps {
  readonly identities: RequestIdentities;
  readonly read: () => Promise<Overview>;
}

/** `GET /api/admin/overview`: the numbers of the running server, for administrators. */
export function createOverviewRoutes({ identities, read }: OverviewRoutesDeps): Router {
  const router = Router();
  router
    .route('/api/admin/overview')
    .get(async (request, response) => {
      await requireAdmin(identities, request);
      response.json({ overview: await read() });
    })
    .all(methodNotAllowed('GET'));
  return router;
}
