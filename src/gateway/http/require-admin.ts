import type { Request, RequestHandler } from 'express';
import { AppError } from '../../lib/app-error.ts';
import type { RequestIdentity } from '../authenticate-request.ts';
import type { RequestIdentities } from './request-identity.ts';

/** @throws AppError UNAUTHENTICATED for nobody, FORBIDDEN for anybody but an administrator */
export async function requireAdmin(identities: RequestIdentities, request: Request): Promise<RequestIdentity> {
  const identity = await identities.require(request);
  if (identity.user.role !== 'admin') throw new AppError('FORBIDDEN');
  return identity;
}

/** Stands before everything under `/api/admin`, whether there is such a route or not. */
export function createAdminGuard(identities: RequestIdentities): RequestHandler {
  return async (request, _response, next) => {
    await requireAdmin(identities, request);
    next();
  };
}
