import { normaliseBody } from './normalise-body.ts';

type Fetch = typeof globalThis.fetch;

/**
 * The SDK calls the global `fetch` and offers no other way in, so the global one is wrapped: once, and only for the streams
 * below the base URLs registered here. Everything else passes through untouched.
 */
const routes = new Map<string, { users: number; readonly fetch: Fetch | undefined }>();
let original: Fetch | undefined;

/**
 * @param prefix exact start of the URLs to normalise, e.g. `https://host/v1beta/`
 * @param fetch used for these URLs in place of the global one
 * @returns takes the registration back; the last one restores the global `fetch`
 */
export function installGeminiFetch(prefix: string, fetch?: Fetch): () => void {
  const route = routes.get(prefix) ?? { users: 0, fetch };
  route.users += 1;
  routes.set(prefix, route);
  if (original === undefined) {
    original = globalThis.fetch;
    globalThis.fetch = wrappedFetch;
  }
  let installed = true;
  return () => {
    if (!installed) return;
    installed = false;
    route.users -= 1;
    if (route.users === 0) routes.delete(prefix);
    if (routes.size > 0 || globalThis.fetch !== wrappedFetch || original === undefined) return;
    globalThis.fetch = original;
    original = undefined;
  };
}

const wrappedFetch: Fetch = async (input, init) => {
  const plain = original ?? globalThis.fetch;
  const url = typeof input === 'string' ? input : input instanceof URL ? input.href : undefined;
  const route = url === undefined ? undefined : routeOf(url);
  if (route === undefined) return plain(input, init);
  // A redirect would carry the key to wherever it points.
  const response = await (route.fetch ?? plain)(input, { ...init, redirect: 'error' }).catch((error: unknown) => {
    throw named(error);
  });
  if (!response.ok || response.body === null) return response;
  const { status, statusText } = response;
  const headers = new Headers(response.headers);
  // The body is decoded already; its old length and encoding no longer hold.
  headers.delete('content-encoding');
  headers.delete('content-length');
  return new Response(normaliseBody(response.body, init?.signal), { status, statusText, headers });
};

function routeOf(url: string): { readonly fetch: Fetch | undefined } | undefined {
  if (!/[?&]alt=sse(?:&|$)/.test(url)) return undefined;
  for (const [prefix, route] of routes) if (url.startsWith(prefix)) return route;
  return undefined;
}

/** The SDK keeps only the message of a network error, so the system's code (ECONNREFUSED, ENOTFOUND, ...) goes into it. */
function named(error: unknown): unknown {
  if (!(error instanceof Error) || error.name === 'AbortError') return error;
  const cause: unknown = error.cause;
  const code = typeof cause === 'object' && cause !== null && 'code' in cause ? cause.code : undefined;
  return typeof code === 'string' && /^[A-Z0-9_]{2,60}$/.test(code) ? new TypeError(`network error (${code})`, { cause: error }) : error;
}
