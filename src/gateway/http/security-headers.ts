import type { RequestHandler } from 'express';
import helmet from 'helmet';
import type { ClientAddress } from './client-address.ts';

const yearSeconds = 31_536_000;
const permissions =
  'accelerometer=(), autoplay=(self), camera=(), display-capture=(), geolocation=(), gyroscope=(), magnetometer=(), microphone=(), midi=(), payment=(), usb=(), clipboard-write=(self), fullscreen=(self)';

/** One set of headers for every answer, errors and files included. @param publicUrl whose socket old Safari needs by name */
export function createSecurityHeaders(address: ClientAddress, publicUrl: string | undefined): RequestHandler {
  const socket = publicUrl === undefined ? [] : [`${publicUrl.startsWith('https:') ? 'wss' : 'ws'}://${new URL(publicUrl).host}`];
  const secure = helmet({
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
  return (request, response, next) => {
    response.setHeader('Permissions-Policy', permissions);
    // Only where TLS is spoken: on a laptop it would lock the browser out of http://localhost.
    if (address.isSecure(request)) response.setHeader('Strict-Transport-Security', `max-age=${yearSeconds}`);
    secure(request, response, next);
  };
}
