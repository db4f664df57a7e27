import type { KeyValueStore } from '../state/ports.ts';

/** The session of a page in a frame, where browsers send no cookie: a token that goes along with each request. */
export interface HeldToken {
  get(): string | null;
  set(token: string | null): void;
}

const key = 'jarvis.embed.token';

/** @param tab kept as long as the tab, so that the next page of the site finds the person signed in */
export function createHeldToken(tab: KeyValueStore): HeldToken {
  let held = tab.get(key);
  return {
    get: () => held,
    set(token) {
      held = token;
      if (token === null) tab.remove(key);
      else tab.set(key, token);
    },
  };
}

const signsIn = /^\/api\/auth\/(login|signup|exchange)$/;

/**
 * A fetch that shows the token to this server, to no other, and never a cookie. What signs in gives a token, what signs out takes it.
 * @param own origin of this server
 */
export function fetchWithToken(token: HeldToken, plain: typeof fetch, own: string): typeof fetch {
  return async (input, init) => {
    const request = new Request(input, init);
    const { origin, pathname } = new URL(request.url);
    if (origin !== own) return plain(request);
    const held = token.get();
    const headers = new Headers(request.headers);
    if (held !== null) headers.set('authorization', `Bearer ${held}`);
    const answer = await plain(new Request(request, { headers, credentials: 'omit' }));
    if (answer.ok && signsIn.test(pathname)) await keep(token, answer.clone());
    if (answer.ok && pathname === '/api/auth/logout') token.set(null);
    return answer;
  };
}

async function keep(token: HeldToken, answer: Response): Promise<void> {
  const body: unknown = await answer.json().catch(() => null);
  if (typeof body === 'object' && body !== null && 'token' in body && typeof body.token === 'string') token.set(body.token);
}
