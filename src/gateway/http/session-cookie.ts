import type { IncomingMessage } from 'node:http';

export const sessionCookieName = 'jarvis_session';
const maxCookieLength = 4096;
const tokenAlphabet = /^[A-Za-z0-9._-]+$/;

/** @returns the token; null when there is none, when it cannot be one, or when two cookies of the name came (one is planted) */
export function readSessionCookie(request: IncomingMessage): string | null {
  const values = sessionCookies(request);
  const [value] = values;
  if (values.length !== 1 || value === undefined || value.length > maxCookieLength || !tokenAlphabet.test(value)) return null;
  return value;
}

/** Whether the browser sent a cookie of our name, good or not: then the rules against forged requests hold. */
export function hasSessionCookie(request: IncomingMessage): boolean {
  return sessionCookies(request).length > 0;
}

function sessionCookies(request: IncomingMessage): string[] {
  const header = request.headers.cookie;
  if (header === undefined) return [];
  return header.split(';').flatMap((pair) => {
    const at = pair.indexOf('=');
    return at > 0 && pair.slice(0, at).trim() === sessionCookieName ? [pair.slice(at + 1).trim()] : [];
  });
}

/** The value of `Set-Cookie`. @param expiresAt ISO time; null deletes the cookie */
export function sessionCookie(token: string, expiresAt: string | null, secure: boolean): string {
  const expires = new Date(expiresAt ?? 0).toUTCString();
  return `${sessionCookieName}=${token}; Path=/; Expires=${expires}; HttpOnly; SameSite=Lax${secure ? '; Secure' : ''}`;
}
