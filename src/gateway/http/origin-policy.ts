import type { IncomingMessage } from 'node:http';

export interface OriginPolicyOptions {
  readonly publicUrl: string | undefined;
  readonly allowedOrigins: readonly string[];
  readonly isSecure: (request: IncomingMessage) => boolean;
}

export interface OriginPolicy {
  /** Exact: scheme, host and port. Own host, PUBLIC_URL and ALLOWED_ORIGINS pass, everything else (also `null`) does not. */
  isAllowed(origin: string, request: IncomingMessage): boolean;
}

const hostHeader = /^[a-z0-9.-]+(:\d{1,5})?$|^\[[0-9a-f:.]+\](:\d{1,5})?$/;

/** Which web pages may talk to this server, over HTTP and over the socket alike. */
export function createOriginPolicy({ publicUrl, allowedOrigins, isSecure }: OriginPolicyOptions): OriginPolicy {
  const listed = new Set(allowedOrigins);
  if (publicUrl !== undefined) listed.add(new URL(publicUrl).origin);
  return {
    isAllowed(origin, request) {
      if (listed.has(origin)) return true;
      const host = request.headers.host?.toLowerCase();
      if (host === undefined || !hostHeader.test(host)) return false;
      // A proxy that we do not know of may speak TLS for us; the other way round a page on http is not ours.
      return origin === `https://${host}` || (!isSecure(request) && origin === `http://${host}`);
    },
  };
}
