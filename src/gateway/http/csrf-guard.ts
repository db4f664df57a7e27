import type { IncomingMessage } from 'node:http';
import type { RequestHandler } from 'express';
import { AppError } from '../../lib/app-error.ts';
import type { OriginPolicy } from './origin-policy.ts';
import { hasSessionCookie } from './session-cookie.ts';

/** These make a session, so a foreign page must not reach them even without a cookie. */
const signInPaths = new Set(['/api/auth/signup', '/api/auth/login', '/api/auth/exchange']);
const readingMethods = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * Against forged requests: what changes something by the cookie's right must come from a page of ours (Sec-Fetch-Site,
 * or Origin where that is absent) and carry what a foreign form cannot send. Programs with a bearer token are exempt.
 */
export function createCsrfGuard(origins: OriginPolicy): RequestHandler {
  return (request, _response, next) => {
    if (readingMethods.has(request.method)) return next();
    const byCookie = hasSessionCookie(request) && request.headers.authorization === undefined;
    const signsIn = signInPaths.has(request.path.toLowerCase().replace(/\/$/, ''));
    if (byCookie || signsIn) assertOwnPage(request, origins, byCookie);
    if (byCookie) assertNotAForm(request);
    next();
  };
}

function assertOwnPage(request: IncomingMessage, origins: OriginPolicy, proofNeeded: boolean): void {
  const { origin } = request.headers;
  const site = request.headers['sec-fetch-site'];
  // Browsers set Sec-Fetch-Site themselves; it holds even behind a proxy that rewrites Host.
  if (site === 'same-origin') return;
  // Another origin that the operator has listed is not same-origin, and welcome.
  const known = origin === undefined ? site === 'none' : origins.isAllowed(origin, request);
  if (known) return;
  if (origin !== undefined || site !== undefined || proofNeeded) throw new AppError('ORIGIN_REFUSED');
}

function assertNotAForm(request: IncomingMessage): void {
  if (request.headers['x-requested-with'] !== undefined) return;
  const type = request.headers['content-type']?.split(';')[0]?.trim().toLowerCase();
  if (type === 'application/json') return;
  throw new AppError('FORBIDDEN', { message: 'Send the header x-requested-with, or a body of type application/json.' });
}
