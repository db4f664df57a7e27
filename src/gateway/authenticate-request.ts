import type { IncomingMessage } from 'node:http';
import type { User } from '../protocol/index.ts';
import { readSessionCookie } from './http/session-cookie.ts';

export interface VerifiedSession {
  readonly user: User;
  readonly sid: string;
  /** ISO time. */
  readonly expiresAt: string;
  /** A new token for the cookie, when the old one is past half of its life. */
  readonly renewed?: { readonly token: string; readonly expiresAt: string };
}

export interface SessionVerifier {
  authenticate(token: string, options?: { readonly renew?: boolean }): Promise<VerifiedSession | null>;
}

export interface RequestIdentity extends VerifiedSession {
  readonly via: 'cookie' | 'bearer';
}

export interface AuthenticateOptions {
  /** For upgrades without an Origin: programs show a token, their cookie does not count. */
  readonly ignoreCookie?: boolean;
  /** Only where the answer can set a cookie. */
  readonly renew?: boolean;
}

/** `Bearer` and one token in the alphabet of a JWT, nothing else. */
const bearer = /^Bearer ([A-Za-z0-9._~+/=-]{1,4096})$/i;

/** Who sends this request: by `Authorization: Bearer` if the header is there (then the cookie does not count), else by cookie. */
export async function authenticateRequest(
  request: IncomingMessage,
  sessions: SessionVerifier,
  options: AuthenticateOptions = {},
): Promise<RequestIdentity | null> {
  const header = request.headers.authorization;
  if (header !== undefined) {
    const token = bearer.exec(header)?.[1];
    const session = token === undefined ? null : await sessions.authenticate(token);
    return session === null ? null : { ...session, via: 'bearer' };
  }
  const cookie = options.ignoreCookie === true ? null : readSessionCookie(request);
  const session = cookie === null ? null : await sessions.authenticate(cookie, { renew: options.renew === true });
  return session === null ? null : { ...session, via: 'cookie' };
}
