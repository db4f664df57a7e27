import type { Request } from 'express';
import { AppError } from '../../lib/app-error.ts';
import type { RequestIdentity } from '../authenticate-request.ts';

/** A link on a foreign page must not put everything of everybody on somebody's disk. @throws AppError ORIGIN_REFUSED */
export function assertNotForeign({ headers }: Request, { via }: RequestIdentity): void {
  const site = headers['sec-fetch-site'];
  if (via === 'cookie' && (site === 'cross-site' || site === 'same-site')) throw new AppError('ORIGIN_REFUSED');
}
