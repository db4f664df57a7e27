import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import type { RequestHandler } from 'express';
import { AppError } from '../../lib/app-error.ts';

export interface HostGuardOptions {
  /** `ALLOWED_HOSTS`: names and addresses in lower case without ports; `*.example.com` is every name below it. */
  readonly allowedHosts: readonly string[];
  readonly publicUrl: string | undefined;
  /** Set by the operator, not guessed from the platform: then only known names are answered. */
  readonly publicUrlGiven: boolean;
  readonly allowedOrigins: readonly string[];
  /** Where the platform publishes the server. */
  readonly platformUrl: string | undefined;
}

export interface HostGuard {
  /** Whether other names than the known ones are refused. */
  readonly strict: boolean;
  /** @throws AppError BAD_REQUEST for a `Host` that is missing, doubled or absurd */
  assertPlain(request: IncomingMessage): void;
  /** @throws AppError HOST_REFUSED for a name that is not this server's */
  assertKnown(request: IncomingMessage): void;
}

/** Railway asks for the health path under this name, whatever the path is by then. */
const railwayHealthCheck = 'healthcheck.railway.app';

/**
 * Which names this server answers to. A page that an attacker's name server points at us (DNS rebinding) sends its own name as
 * `Host`, and here it ends. `X-Forwarded-Host` plays no part anywhere.
 */
export function createHostGuard(options: HostGuardOptions): HostGuard {
  const { allowedHosts, publicUrl, publicUrlGiven, allowedOrigins, platformUrl } = options;
  const strict = allowedHosts.length > 0 || publicUrlGiven;
  const origins = [publicUrl, platformUrl, ...allowedOrigins].filter((origin) => origin !== undefined);
  const exact = new Set([railwayHealthCheck, ...origins.map((origin) => nameOf(new URL(origin).host) ?? '')]);
  const below: string[] = [];
  for (const host of allowedHosts) {
    if (host.startsWith('*.')) below.push(host.slice(1));
    else exact.add(nameOf(host) ?? host);
  }

  return {
    strict,
    assertPlain(request) {
      const hosts = request.rawHeaders.filter((text, at) => at % 2 === 0 && text.toLowerCase() === 'host').length;
      const needed = request.httpVersionMajor === 1 && request.httpVersionMinor === 0 ? 0 : 1;
      const wrong = hosts > 1 || hosts < needed || (hosts === 1 && nameOf(request.headers.host ?? '') === null);
      if (wrong) throw new AppError('BAD_REQUEST', { message: 'The header Host must be there once and name a host.' });
    },
    assertKnown(request) {
      if (!strict) return;
      const name = nameOf(request.headers.host ?? '');
      if (name === null || !(exact.has(name) || isThisMachine(name) || below.some((end) => name.endsWith(end)))) {
        throw new AppError('HOST_REFUSED');
      }
    },
  };
}

/** The name or address in a `Host` header, in lower case, without port and final dot; null when it holds something else. */
function nameOf(host: string): string | null {
  if (host.length > 255 + 6) return null;
  const match = /^(\[[0-9a-f:.]+\]|[a-z0-9_.-]+)(?::\d{1,5})?$/.exec(host.toLowerCase());
  const name = match?.[1]?.replace(/\.$/, '');
  if (name === undefined || name === '' || name.includes('..')) return null;
  return name.startsWith('[') ? name.slice(1, -1) : name;
}

function isThisMachine(name: string): boolean {
  if (name === 'localhost' || name.endsWith('.localhost') || name === '::1') return true;
  return isIP(name) === 4 && name.startsWith('127.');
}

export function refuseBadHosts(guard: HostGuard): RequestHandler {
  return (request, _response, next) => {
    guard.assertPlain(request);
    next();
  };
}

export function refuseUnknownHosts(guard: HostGuard): RequestHandler {
  return (request, _response, next) => {
    guard.assertKnown(request);
    next();
  };
}
