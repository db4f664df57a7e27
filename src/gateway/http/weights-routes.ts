import { Router } from 'express';
import type { WeightsInfo } from '../../protocol/index.ts';
import { methodNotAllowed } from './error-responder.ts';
import { pathName } from './path-id.ts';
import type { RequestIdentities } from './request-identity.ts';
import { requireAdmin } from './require-admin.ts';

/** What the routes need of `services/weights`. */
export interface WeightsPort {
  list(): readonly WeightsInfo[];
  /** Looks at the disk again. */
  refresh(): Promise<void>;
  begin(name: string): WeightsInfo;
  remove(name: string): Promise<WeightsInfo>;
}

export interface WeightsRoutesDeps {
  readonly weights: WeightsPort;
  readonly identities: RequestIdentities;
}

/** `/api/admin/weights*`: the weights of plugins, for administrators. */
export function createWeightsRoutes({ weights, identities }: WeightsRoutesDeps): Router {
  const router = Router();

  router
    .route('/api/admin/weights')
    .get(async (request, response) => {
      await requireAdmin(identities, request);
      await weights.refresh();
      response.json({ items: weights.list(), nextCursor: null });
    })
    .all(methodNotAllowed('GET'));

  router
    .route('/api/admin/weights/:name')
    .post(async (request, response) => {
      await requireAdmin(identities, request);
      response.status(202).json({ weights: weights.begin(pathName(request)) });
    })
    .delete(async (request, response) => {
      await requireAdmin(identities, request);
      response.json({ weights: await weights.remove(pathName(request)) });
    })
    .all(methodNotAllowed('POST, DELETE'));

  return router;
}
