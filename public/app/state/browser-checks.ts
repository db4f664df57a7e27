import type { Finding } from '../../../src/protocol/shapes.ts';
import type { Connection } from './connection.ts';
import type { Clock, KeyValueStore } from './ports.ts';

export interface BrowserChecksDeps {
  readonly connection: Pick<Connection, 'status' | 'request'>;
  readonly fetch: (path: string, init: RequestInit) => Promise<Response>;
  /** The storage itself, which throws or refuses where a gentle wrapper would keep things in memory. */
  readonly store: Pick<KeyValueStore, 'get' | 'set' | 'remove'>;
  readonly clock: Clock;
  /** The page's own address, e.g. `https://chat.example.org`. */
  readonly origin: string;
  /** True behind TLS and on the own machine. */
  readonly secure: boolean;
}

type BrowserCode = 'BROWSER_SOCKET' | 'BROWSER_COOKIE' | 'BROWSER_CLOCK' | 'BROWSER_ADDRESS' | 'BROWSER_STORAGE';

const pongMs = 5000;
/** Signatures of sessions may be off by 30 s (see the promises about clocks); a header has a second's grain. */
const clockWarningSeconds = 30;
const clockProblemSeconds = 300;
const probeKey = 'jarvis.probe';

/** What only the browser can find out. Titles and texts stand in the page's words under `doctor.<CODE>`. */
export async function checkBrowser(deps: BrowserChecksDeps): Promise<readonly Finding[]> {
  const [socket, http] = await Promise.all([checkSocket(deps), askServer(deps)]);
  return [socket, checkCookie(http), checkClock(http), checkAddress(http, deps), checkStorage(deps)];
}

function finding(code: BrowserCode, state: Finding['state'], params: Finding['params'] = {}): Finding {
  return { code, state, params, title: code, text: state, mend: '' };
}

async function checkSocket({ connection, clock }: BrowserChecksDeps): Promise<Finding> {
  const { state, stopCode } = connection.status.peek();
  if (state !== 'online') return finding('BROWSER_SOCKET', 'problem', { state, ...(stopCode === undefined ? {} : { code: stopCode }) });
  const began = clock.now();
  let cancel = () => {};
  const silence = new Promise<false>((resolve) => {
    cancel = clock.after(pongMs, () => resolve(false));
  });
  const answered = connection.request({ type: 'ping' }).then(
    () => true,
    () => false,
  );
  const alive = await Promise.race([answered, silence]);
  cancel();
  if (!alive) return finding('BROWSER_SOCKET', 'problem', { state: 'silent' });
  return finding('BROWSER_SOCKET', 'ok', { ms: Math.max(0, Math.round(clock.now() - began)) });
}

/** What one request with the cookie tells; null when no answer came. */
interface HttpAnswer {
  readonly status: number;
  readonly origin: string;
  /** How far the server's clock is ahead of the browser's, in seconds; null when the server does not say. */
  readonly skewSeconds: number | null;
}

async function askServer({ fetch, clock, origin }: BrowserChecksDeps): Promise<HttpAnswer | null> {
  const began = clock.now();
  try {
    const response = await fetch('/api/auth/me', {
      credentials: 'same-origin',
      headers: { accept: 'application/json' },
    });
    const date = Date.parse(response.headers.get('date') ?? '');
    // The header was written some time between the two readings, and has no fractions of a second.
    const middle = (began + clock.now()) / 2;
    return {
      status: response.status,
      origin: response.url === '' ? origin : new URL(response.url).origin,
      skewSeconds: Number.isNaN(date) ? null : Math.round((date + 500 - middle) / 1000),
    };
  } catch {
    return null;
  }
}

function checkCookie(http: HttpAnswer | null): Finding {
  if (http === null) return finding('BROWSER_COOKIE', 'unknown');
  if (http.status === 401) return finding('BROWSER_COOKIE', 'problem');
  return finding('BROWSER_COOKIE', http.status === 200 ? 'ok' : 'unknown');
}

function checkClock(http: HttpAnswer | null): Finding {
  const skew = http?.skewSeconds ?? null;
  if (skew === null) return finding('BROWSER_CLOCK', 'unknown');
  const seconds = Math.abs(skew);
  const state = seconds > clockProblemSeconds ? 'problem' : seconds > clockWarningSeconds ? 'warning' : 'ok';
  return finding('BROWSER_CLOCK', state, { seconds });
}

function checkAddress(http: HttpAnswer | null, { origin, secure }: BrowserChecksDeps): Finding {
  if (http === null) return finding('BROWSER_ADDRESS', 'unknown', { origin });
  if (http.origin !== origin) return finding('BROWSER_ADDRESS', 'problem', { origin, other: http.origin });
  return finding('BROWSER_ADDRESS', secure ? 'ok' : 'warning', { origin });
}

function checkStorage({ store, clock }: BrowserChecksDeps): Finding {
  const written = String(clock.now());
  try {
    const kept = store.set(probeKey, written) && store.get(probeKey) === written;
    store.remove(probeKey);
    return finding('BROWSER_STORAGE', kept ? 'ok' : 'warning');
  } catch {
    return finding('BROWSER_STORAGE', 'warning');
  }
}
