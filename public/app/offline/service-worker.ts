/*
 * Keeps the page itself, so that it opens without a connection. It answers for files of the build and for the addresses of the page
 * only: nothing under /api, no file of a person, nothing of another host ever goes through it or lies in its cache.
 */

/** What this worker uses of its global scope: TypeScript knows it only without the DOM, which the rest of the page has. */
interface WorkerScope {
  readonly location: Location;
  readonly caches: CacheStorage;
  readonly clients: {
    claim(): Promise<void>;
    matchAll(options: { type: 'window' }): Promise<readonly WindowPort[]>;
    openWindow(path: string): Promise<unknown>;
  };
  skipWaiting(): Promise<void>;
  addEventListener<Type extends keyof WorkerEvents>(type: Type, run: (event: WorkerEvents[Type]) => void): void;
}

interface WindowPort {
  focus(): Promise<unknown>;
  postMessage(message: unknown): void;
}

interface Lasting {
  waitUntil(work: Promise<unknown>): void;
}

interface WorkerEvents {
  readonly install: Lasting;
  readonly activate: Lasting;
  readonly fetch: { readonly request: Request; respondWith(answer: Promise<Response>): void };
  readonly message: Lasting & { readonly data: unknown; readonly ports: readonly MessagePort[] };
  readonly notificationclick: Lasting & { readonly notification: { readonly data: unknown; close(): void } };
}

/** Put in by the build. `first`: what a browser needs before the first paint; `all`: every file of the build; `pages`: addresses besides the conversations. */
declare const __SHELL__: {
  readonly version: string;
  readonly first: readonly string[];
  readonly all: readonly string[];
  readonly pages: readonly string[];
};

// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- in this file `self` is a worker, not the window that TypeScript sees
const worker = self as unknown as WorkerScope;
const shell = __SHELL__;
const prefix = 'jarvis-shell-';
const cacheName = prefix + shell.version;
const known = new Set(shell.all);
/** A network that says nothing for so long is none. */
const patienceMs = 6000;
const isPage = (path: string) => /^\/(?:c\/[\w-]{1,64}\/?)?$/.test(path) || shell.pages.includes(path.replace(/\/$/, ''));

/** `/assets/fa-Bx3kQ2aa.js` -> `fa .js`: the same file in another version. */
const nameOf = (path: string) => {
  const [, name, ending] = /^(.+)-[\w-]{8}(\.\w+)$/.exec(path.slice(path.lastIndexOf('/') + 1)) ?? [];
  return name === undefined ? path : `${name} ${ending}`;
};

/** What was used of the version before is likely to be used of this one. */
async function usedBefore(): Promise<readonly string[]> {
  const names = await worker.caches.keys();
  const old = await Promise.all(
    names.filter((name) => name.startsWith(prefix)).map(async (name) => (await worker.caches.open(name)).keys()),
  );
  const used = new Set(old.flat().map(({ url }) => nameOf(new URL(url).pathname)));
  return shell.all.filter((path) => used.has(nameOf(path)));
}

async function install(): Promise<void> {
  const files = new Set([...shell.first, ...(await usedBefore())]);
  const cache = await worker.caches.open(cacheName);
  // What has a hash in its name may come from the browser's cache; the rest is asked for anew.
  await cache.addAll([...files].map((path) => new Request(path, { cache: path.startsWith('/assets/') ? 'default' : 'no-cache' })));
}

async function activate(): Promise<void> {
  const names = await worker.caches.keys();
  await Promise.all(names.filter((name) => name.startsWith(prefix) && name !== cacheName).map((name) => worker.caches.delete(name)));
  await worker.clients.claim();
}

/** The network first: an address always opens what the server has now. */
async function page(request: Request): Promise<Response> {
  const cached = async () => (await worker.caches.open(cacheName)).match('/', { ignoreVary: true });
  const answer = fetch(request).catch(() => undefined);
  const late = new Promise<undefined>((resolve) => setTimeout(() => resolve(undefined), patienceMs));
  return (await Promise.race([answer, late])) ?? (await cached()) ?? (await answer) ?? Response.error();
}

async function asset(request: Request, path: string): Promise<Response> {
  const cache = await worker.caches.open(cacheName);
  const held = await cache.match(path, { ignoreVary: true });
  if (held !== undefined) return held;
  const answer = await fetch(request);
  if (answer.ok && path.startsWith('/assets/')) await cache.put(path, answer.clone());
  return answer;
}

/** Files that the page had loaded before this worker was there. */
async function keep(paths: readonly string[]): Promise<void> {
  const cache = await worker.caches.open(cacheName);
  const held = new Set((await cache.keys()).map(({ url }) => new URL(url).pathname));
  await cache.addAll(paths.filter((path) => path.startsWith('/assets/') && known.has(path) && !held.has(path)));
}

async function open(path: string): Promise<void> {
  const [first] = await worker.clients.matchAll({ type: 'window' });
  if (first === undefined) {
    await worker.clients.openWindow(path);
    return;
  }
  first.postMessage({ type: 'open', path });
  await first.focus();
}

worker.addEventListener('install', (event) => event.waitUntil(install()));
worker.addEventListener('activate', (event) => event.waitUntil(activate()));
worker.addEventListener('fetch', (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== 'GET' || url.origin !== worker.location.origin) return;
  if (request.mode === 'navigate') {
    if (isPage(url.pathname)) event.respondWith(page(request));
  } else if (known.has(url.pathname)) event.respondWith(asset(request, url.pathname));
});
worker.addEventListener('message', (event) => {
  const { data } = event;
  if (typeof data !== 'object' || data === null || !('type' in data)) return;
  if (data.type === 'activate') event.waitUntil(worker.skipWaiting());
  else if (data.type === 'files') event.ports[0]?.postMessage(shell.all);
  else if (data.type === 'keep' && 'paths' in data && Array.isArray(data.paths)) {
    event.waitUntil(keep(data.paths.filter((path) => typeof path === 'string')).catch(() => {}));
  }
});
worker.addEventListener('notificationclick', (event) => {
  const { notification } = event;
  notification.close();
  const { data } = notification;
  const path = typeof data === 'object' && data !== null && 'path' in data ? data.path : '/';
  event.waitUntil(open(typeof path === 'string' && isPage(path) ? path : '/'));
});
