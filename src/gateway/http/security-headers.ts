import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import type { RequestHandler } from 'express';
import helmet from 'helmet';
import type { ClientAddress } from './client-address.ts';
import type { HeaderList } from './raw-answer.ts';

const yearSeconds = 31_536_000;
const strictTransport = ['Strict-Transport-Security', `max-age=${yearSeconds}`] as const;
const permissions =
  'accelerometer=(), autoplay=(self), camera=(), display-capture=(), geolocation=(), gyroscope=(), magnetometer=(), microphone=(self), midi=(), payment=(), usb=(), clipboard-write=(self), fullscreen=(self)';

/** One set of headers for every answer, errors and files included. @param publicUrl whose socket old Safari needs by name */
export function createSecurityHeaders(address: ClientAddress, publicUrl: string | undefined): RequestHandler {
  const secure = createHelmet(publicUrl);
  return (request, response, next) => {
    response.setHeader('Permissions-Policy', permissions);
    // Only where TLS is spoken: on a laptop it would lock the browser out of http://localhost.
    if (address.isSecure(request)) response.setHeader(...strictTransport);
    secure(request, response, next);
  };
}

/** The same set for answers that are written by hand. @returns what to send; without a request nobody knows whether TLS is spoken */
export function createRawHeaders(
  address: Pick<ClientAddress, 'isSecure'>,
  publicUrl: string | undefined,
): (request?: IncomingMessage) => HeaderList {
  const none = new IncomingMessage(new Socket());
  const drawn = new ServerResponse(none);
  createHelmet(publicUrl)(none, drawn, () => {});
  const always: HeaderList = [
    ['Permissions-Policy', permissions],
    ...Object.entries(drawn.getHeaders()).map(([name, value]) => [name, String(value)] as const),
  ];
  return (request) => (request !== undefined && address.isSecure(request) ? [...always, strictTransport] : always);
}

function createHelmet(publicUrl: string | undefined): ReturnType<typeof helmet> {
  const socket = publicUrl === undefined ? [] : [`${publicUrl.startsWith('https:') ? 'wss' : 'ws'}://${new URL(publicUrl).host}`];
  return helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        scriptSrc: ["'self'"],
        styleSrc: ["'self'"],
        manifestSrc: ["'self'"],
        mediaSrc: ["'self'", 'blob:'],
        workerSrc: ["'self'"],
        imgSrc: ["'self'", 'data:', 'blob:'],
        connectSrc: ["'self'", ...socket],
        fontSrc: ["'self'"],
        formAction: ["'self'"],
        baseUri: ["'none'"],
        objectSrc: ["'none'"],
        frameAncestors: ["'none'"],
        frameSrc: ["'none'"],
        requireTrustedTypesFor: ["'script'"],
      },
    },
    strictTransportSecurity: false,
    xFrameOptions: { action: 'deny' },
  });
}
