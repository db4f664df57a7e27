import type { Request, Response } from 'express';
import { AppError } from '../../lib/app-error.ts';
import { authenticateRequest, type RequestIdentity, type SessionVerifier } from '../authenticate-request.ts';
import type { ClientAddress } from './client-address.ts';
import { sessionCookie } from './session-cookie.ts';

export interface RequestIdentities {
  /** @returns null for an anonymous request; asked once for each request */
  identify(request: Request): Promise<RequestIdentity | null>;
  /** @throws AppError UNAUTHENTICATED */
  require(request: Request): Promise<RequestIdentity>;
  setCookie(response: Response, token: string, expiresAt: string | null): void;
}

/** Who asks. Renews the cookie on the way when it is past half of its life. */
export function createRequestIdentities(sessions: SessionVerifier, address: ClientAddress): RequestIdentities {
  const known = new WeakMap<Request, Promise<RequestIdentity | null>>();

  function setCookie(response: Response, token: string, expiresAt: string | null): void {
    response.append('Set-Cookie', sessionCookie(token, expiresAt, address.isSecure(response.req)));
  }

  async function read(request: Request): Promise<RequestIdentity | null> {
    const identity = await authenticateRequest(request, sessions, { renew: true });
    const renewed = identity?.renewed;
    if (renewed !== undefined && request.res !== undefined && !request.res.headersSent) {
      setCookie(request.res, renewed.token, renewed.expiresAt);
    }
    return identity;
  }

  function identify(request: Request): Promise<RequestIdentity | null> {
    let reading = known.get(request);
    if (reading === undefined) {
      reading = read(request);
      known.set(request, reading);
    }
    return reading;
  }

  return {
    identify,
    setCookie,
    async require(request) {
      const identity = await identify(request);
      if (identity === null) throw new AppError('UNAUTHENTICATED');
      return identity;
    },
  };
}
