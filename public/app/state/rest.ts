import type { ErrorShape } from '../../../src/protocol/shapes.ts';
import { backoffMs } from './backoff.ts';
import type { Clock } from './ports.ts';
import { RequestError } from './request-error.ts';

export interface Rest {
  get<T>(path: string): Promise<T>;
  post<T>(path: string, body?: unknown): Promise<T>;
  patch<T>(path: string, body: unknown): Promise<T>;
  put<T>(path: string, body: unknown): Promise<T>;
  remove<T>(path: string): Promise<T>;
}

export interface RestDeps {
  readonly fetch: (path: string, init: RequestInit) => Promise<Response>;
  /** Called when the session is gone. */
  readonly onUnauthenticated: () => void;
  readonly clock: Clock;
  readonly random: () => number;
}

/** What the proxy of a sleeping host answers while it wakes the server up. */
const wakingStatuses: ReadonlySet<number> = new Set([502, 503, 504]);
/** As long as that may take (PROMISES 8.10). */
const wakingMs = 90_000;
/** Requests that may arrive twice without harm, besides those that only read, change or remove. */
const repeatable: ReadonlySet<string> = new Set(['/api/auth/login', '/api/auth/logout']);

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
    const mayRepeat = method !== 'POST' || repeatable.has(path);
    const until = deps.clock.now() + wakingMs;
    for (let attempt = 1; ; attempt += 1) {
      const answer = await once(path, init);
      if (answer.ok) return parseAnswer<T>(answer.text);
      const error = readError(answer.text, answer.status);
      if (error.code === 'UNAUTHENTICATED') deps.onUnauthenticated();
      // An error of the server itself has a code of its own, and is told at once.
      const waking = error.code === 'NETWORK' && wakingStatuses.has(answer.status);
      if (!waking || !mayRepeat || deps.clock.now() >= until) throw error;
      await new Promise<void>((resolve) => deps.clock.after(backoffMs(attempt, deps.random, 1000, 8000), resolve));
    }
  }

  async function once(path: string, init: RequestInit): Promise<{ ok: boolean; status: number; text: string }> {
    const response = await deps.fetch(path, init).catch((cause: unknown) => {
      throw new RequestError('NETWORK', String(cause));
    });
    return { ok: response.ok, status: response.status, text: await response.text().catch(() => '') };
  }

  return {
    get: (path) => call('GET', path),
    post: (path, body = {}) => call('POST', path, body),
    patch: (path, body) => call('PATCH', path, body),
    put: (path, body) => call('PUT', path, body),
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
