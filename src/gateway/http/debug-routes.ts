import type { IncomingMessage } from 'node:http';
import { Router } from 'express';
import type { AddressSelfTestResult } from './address-self-test.ts';
import type { ClientAddress, ClientAddressSource } from './client-address.ts';
import { methodNotAllowed } from './error-responder.ts';
import type { RequestIdentities } from './request-identity.ts';
import { requireAdmin } from './require-admin.ts';

export interface DebugRoutesDeps {
  readonly identities: RequestIdentities;
  readonly address: ClientAddress;
  readonly source: ClientAddressSource;
  readonly selfTest: () => AddressSelfTestResult;
}

/** What proxies write about the client; shown as they arrived, for whoever sets `CLIENT_IP`. */
const forwardingHeaders = [
  'host',
  'x-forwarded-for',
  'x-forwarded-proto',
  'x-forwarded-host',
  'x-real-ip',
  'cf-connecting-ip',
  'true-client-ip',
  'forwarded',
  'via',
];

/** `GET /debug/ip`, for administrators: which address the server takes this request to come from, and why. */
export function createDebugRoutes({ identities, address, source, selfTest }: DebugRoutesDeps): Router {
  const router = Router();
  router
    .route('/debug/ip')
    .get(async (request, response) => {
      await requireAdmin(identities, request);
      response.set('Cache-Control', 'no-store').json({
        address: address.addressOf(request),
        key: address.keyOf(request),
        source: sourceText(source),
        peer: request.socket.remoteAddress ?? null,
        secure: address.isSecure(request),
        headers: arrived(request),
        selfTest: selfTest(),
      });
    })
    .all(methodNotAllowed('GET'));
  return router;
}

function arrived({ headers }: IncomingMessage): Record<string, string> {
  const found = forwardingHeaders.flatMap((name) => {
    const value = headers[name];
    return value === undefined ? [] : [[name, [value].flat().join(', ').slice(0, 2000)] as const];
  });
  return Object.fromEntries(found);
}

/** As it would stand in `CLIENT_IP`. */
function sourceText(source: ClientAddressSource): string {
  if (source.kind === 'header') return `header:${source.name}`;
  return source.kind === 'hops' ? `hops:${source.count}` : 'direct';
}
