import { type Request, Router } from 'express';
import type { Finding, User } from '../../protocol/index.ts';
import type { SeenRequest } from '../../services/doctor/doctor-ports.ts';
import type { ClientAddress } from './client-address.ts';
import { methodNotAllowed } from './error-responder.ts';
import type { RequestIdentities } from './request-identity.ts';
import { hasSessionCookie } from './session-cookie.ts';

export interface DoctorRoutesDeps {
  readonly identities: RequestIdentities;
  readonly address: Pick<ClientAddress, 'isSecure'>;
  readonly doctor: { examine(user: User, request: SeenRequest): Promise<readonly Finding[]> };
}

/** `GET /api/doctor`: what is wrong and how to mend it. */
export function createDoctorRoutes({ identities, address, doctor }: DoctorRoutesDeps): Router {
  const router = Router();
  router
    .route('/api/doctor')
    .get(async (request, response) => {
      const { user } = await identities.require(request);
      response.json({ items: await doctor.examine(user, seen(request, address)), nextCursor: null });
    })
    .all(methodNotAllowed('GET'));
  return router;
}

function seen(request: Request, address: Pick<ClientAddress, 'isSecure'>): SeenRequest {
  const { headers } = request;
  const proto = String(headers['x-forwarded-proto'] ?? '')
    .split(',')
    .at(-1)
    ?.trim()
    .toLowerCase();
  return {
    host: headers.host,
    secure: address.isSecure(request),
    forwardedFor: headers['x-forwarded-for'] !== undefined,
    forwardedProto: proto === '' ? undefined : proto,
    cookie: hasSessionCookie(request),
    // Node's fetch sends `sec-fetch-mode` too, but never this one.
    browser: headers['sec-fetch-site'] !== undefined,
  };
}
