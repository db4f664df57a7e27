import { Router } from 'express';
import type { UsageReport } from '../../protocol/index.ts';
import { methodNotAllowed } from './error-responder.ts';
import type { RequestIdentities } from './request-identity.ts';

export interface UsageRoutesDeps {
  readonly identities: RequestIdentities;
  readonly usage: { of(userId: string): Promise<UsageReport> };
}

/** `GET /api/usage`: what the person has used, and may use. */
export function createUsageRoutes({ identities, usage }: UsageRoutesDeps): Router {
  const router = Router();
  router
    .route('/api/usage')
    .get(async (request, response) => {
      const { user } = await identities.require(request);
      response.json({ usage: await usage.of(user.id) });
    })
    .all(methodNotAllowed('GET'));
  return router;
}
