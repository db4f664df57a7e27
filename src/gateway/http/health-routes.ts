import { Router } from 'express';
import { methodNotAllowed } from './error-responder.ts';
import type { DrainState, Readiness } from './ports.ts';
import type { RequestIdentities } from './request-identity.ts';

export interface HealthRoutesDeps {
  readonly readiness: () => Readiness;
  readonly drain: DrainState;
  readonly identities: RequestIdentities;
  /** How late the event loop is now, in ms. */
  readonly lagMs: () => number;
}

/** A process whose loop is later than this answers nobody: a restart helps. */
const STUCK_MS = 5000;

/** `/healthz` says that the process lives, and nothing about the store: a platform restarts what fails here. `/readyz` says whether to send people. */
export function createHealthRoutes({ readiness, drain, identities, lagMs }: HealthRoutesDeps): Router {
  const router = Router();

  router
    .route('/healthz')
    .get((_request, response) => {
      const stuck = lagMs() > STUCK_MS;
      response
        .status(stuck ? 503 : 200)
        .set('Cache-Control', 'no-store')
        .json({ status: stuck ? 'stuck' : 'ok' });
    })
    .all(methodNotAllowed('GET'));

  router
    .route('/readyz')
    .get(async (request, response) => {
      const state = readiness();
      const ready = state.ready && !drain.draining;
      // With the store down nobody can be recognised: then the reasons stay hidden, they are in the log.
      const identity = await identities.identify(request).catch(() => null);
      const reasons = drain.draining ? ['The server is restarting.', ...state.reasons] : state.reasons;
      response
        .status(ready ? 200 : 503)
        .set('Cache-Control', 'no-store')
        .json({
          status: ready ? 'ready' : 'not-ready',
          ...(state.durability === undefined ? {} : { durability: state.durability }),
          ...(identity?.user.role === 'admin' ? { reasons } : {}),
        });
    })
    .all(methodNotAllowed('GET'));

  return router;
}
