import type { ErrorShape } from '../../../src/protocol/shapes.ts';
import { RequestError } from './request-error.ts';

export interface Rest {
  get<T>(path: string): Promise<T>;
  post<T>(path: string, body?: unknown): Promise<T>;
  patch<T>(path: string, body: unknown): Promise<T>;
  remove<T>(path: string): Promise<T>;
}

export interface RestDeps {
  readonly fetch: (path: string, init: RequestInit) => Promise<Response>;
  /** Called when the session is gone. */
  readonly onUnauthenticated: () => void;
}

/** Says that this page made the request; a foreign page cannot set it without being asked by the browser. */
export const requestedWith = ['x-requested-with', 'jarvis'] as const;

/** JSON over HTTP. Every call rejects with RequestError only. */
export function createRest(deps: RestDeps): Rest {
  async function call<T>(method: string, path: string, body?: unknown): Promise<T> {
    const headers = new Headers({ accept: 'application/json' });
    if (method !== 'GET') headers.set(...requestedWith);
    const init: RequestInit = { method, headers, credentials: 'same-origin' };
    if (body !== undefined) {
      headers.set('content-type', 'application/json');
      init.body = JSON.stringify(body);
    }
    const response = await deps.fetch(path, init).catch((cause: unknown) => {
      throw new RequestError('NETWORK', String(cause));
    });
    const text = await response.text().catch(() => '');
    if (response.ok) return parseAnswer<T>(text);
    const error = readError(text, response.status);
    if (error.code === 'UNAUTHENTICATED') deps.onUnauthenticated();
    throw error;
  }
  return {
    get: (path) => call('GET', path),
    post: (path, body = {}) => call('POST', path, body),
    patch: (path, body) => call('PATCH', path, body),
    remove: (path) => call('DELETE', path),
  };
}

function parseAnswer<T>(text: string): T {
  try {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the contract's shape; a 204 has no body and its caller reads none
    return (text === '' ? undefined : JSON.parse(text)) as T;
  } catch (cause) {
    throw new RequestError('NETWORK', String(cause));
  }
}

/** Reads `{ error: { code, ... } }`; a proxy's own error page becomes NETWORK, so that it is tried again. */
export function readError(text: string, status: number): RequestError {
  try {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- read with care: every field may be absent
    const { error } = JSON.parse(text) as { error?: ErrorShape };
    if (error?.code === undefined) return new RequestError('NETWORK', `HTTP ${status}`);
    return new RequestError(error.code, error.message, {
      params: error.params,
      requestId: error.requestId,
      retryAfter: error.retryAfter,
    });
  } catch {
    return new RequestError('NETWORK', `HTTP ${status}`);
  }
}
