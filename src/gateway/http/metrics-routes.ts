import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { Router } from 'express';
import { AppError } from '../../lib/app-error.ts';

export interface MetricsRoutesDeps {
  /** Whoever shows it may read; undefined: only programs of this machine. */
  readonly token: string | undefined;
  /** The operator says that a proxy stands in front: then no address tells a program of this machine from the proxy. */
  readonly behindProxy: boolean;
  readonly contentType: string;
  /** All numbers of this moment as text. */
  readonly read: () => string;
}

/** `GET /metrics`. To whom it is not open, there is no such address: the answer is that of any unknown one. */
export function createMetricsRoutes({ token, behindProxy, contentType, read }: MetricsRoutesDeps): Router {
  const router = Router();
  const digest = token === undefined ? null : digestOf(token);

  router.get('/metrics', (request, response) => {
    const allowed = digest === null ? !behindProxy && isOfThisMachine(request) : showsToken(request, digest);
    if (!allowed) throw new AppError('NOT_FOUND');
    response.set('Cache-Control', 'no-store').set('Content-Type', contentType).send(read());
  });

  return router;
}

/** Compared as digests: neither the time nor the length tells anything. */
function showsToken(request: IncomingMessage, digest: Buffer): boolean {
  const shown = /^Bearer ([\x21-\x7e]{1,4096})$/i.exec(request.headers.authorization ?? '')?.[1];
  return timingSafeEqual(digestOf(shown ?? ''), digest) && shown !== undefined;
}

function digestOf(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

/** What proxies write into the requests that they pass on. */
const proxyHeaders = new Set(['forwarded', 'via', 'x-real-ip', 'x-client-ip', 'true-client-ip', 'cf-connecting-ip', 'fly-client-ip']);

/**
 * A program of this machine that speaks to us directly. A proxy on the same machine has a loopback address too, and a page in a
 * browser here may be sent to us by a name of its own (DNS rebinding): both betray themselves by their headers.
 */
function isOfThisMachine(request: IncomingMessage): boolean {
  const { headers } = request;
  if (!isLoopback(request.socket.remoteAddress ?? '')) return false;
  // Proxies that say nothing else of themselves still speak the old version to what is behind them (nginx does by default).
  if (request.httpVersion !== '1.1') return false;
  if (Object.keys(headers).some((name) => proxyHeaders.has(name) || name.startsWith('x-forwarded-'))) return false;
  if (headers.origin !== undefined) return false;
  const site = headers['sec-fetch-site'];
  if (site !== undefined && site !== 'none' && site !== 'same-origin') return false;
  return isLoopbackHost(headers.host ?? '');
}

function isLoopback(address: string): boolean {
  return address === '::1' || /^(::ffff:)?127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/i.test(address);
}

function isLoopbackHost(host: string): boolean {
  return /^(localhost|127\.\d{1,3}\.\d{1,3}\.\d{1,3}|\[::1\])(:\d{1,5})?$/i.test(host);
}
