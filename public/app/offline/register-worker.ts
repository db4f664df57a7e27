export interface WorkerWatch {
  /** A newer version waits. `use` lets it take over; the page has to be loaded anew then. */
  readonly onNewer: (use: () => void) => void;
  /** A notification was clicked. */
  readonly onOpen: (path: string) => void;
}

/** A tab that stays open for days looks for a newer version when it is looked at, at most so often. */
const lookAgainMs = 60 * 60_000;

/** Old Safari and Firefox have no trusted types; elsewhere the policy of the page asks for them. */
interface TrustedTypes {
  createPolicy(name: string, rules: { createScriptURL: (url: string) => string }): { createScriptURL(url: string): string };
}

function workerUrl(): string {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a name that TypeScript does not know; it may be absent
  const { trustedTypes } = window as { trustedTypes?: TrustedTypes };
  const policy = trustedTypes?.createPolicy('jarvis-worker', { createScriptURL: () => '/sw.js' });
  return policy?.createScriptURL('/sw.js') ?? '/sw.js';
}

/**
 * Starts the service worker where there may be one: on https and on localhost. Rejects where the browser refuses it.
 * @returns how to stop watching; the worker stays
 */
export async function registerWorker({ onNewer, onOpen }: WorkerWatch): Promise<() => void> {
  if (!('serviceWorker' in navigator)) return () => {};
  const { serviceWorker } = navigator;
  const controller = new AbortController();
  const { signal } = controller;
  let looked = Date.now();
  serviceWorker.addEventListener(
    'message',
    ({ data }: MessageEvent<unknown>) => {
      if (typeof data === 'object' && data !== null && 'type' in data && data.type === 'open' && 'path' in data) onOpen(String(data.path));
    },
    { signal },
  );

  const registration = await serviceWorker.register(workerUrl(), { scope: '/', updateViaCache: 'none' });
  const offer = async (waiting: ServiceWorker) => {
    // The page may be newer than the worker that was here: it came over the network.
    if (await isOwnVersion(waiting)) waiting.postMessage({ type: 'activate' });
    else
      onNewer(() => {
        serviceWorker.addEventListener('controllerchange', () => location.reload(), { once: true });
        waiting.postMessage({ type: 'activate' });
      });
  };
  const watch = (worker: ServiceWorker | null) =>
    worker?.addEventListener(
      'statechange',
      () => {
        if (worker.state === 'installed' && serviceWorker.controller !== null) void offer(worker);
      },
      { signal },
    );
  if (registration.waiting !== null) void offer(registration.waiting);
  watch(registration.installing);
  registration.addEventListener('updatefound', () => watch(registration.installing), { signal });
  document.addEventListener(
    'visibilitychange',
    () => {
      if (document.hidden || Date.now() - looked < lookAgainMs) return;
      looked = Date.now();
      if (registration.waiting !== null) void offer(registration.waiting);
      else registration.update().catch(() => {});
    },
    { signal },
  );
  void serviceWorker.ready.then(({ active }) => active?.postMessage({ type: 'keep', paths: loadedFiles() }));
  return () => controller.abort();
}

const loadedFiles = (): readonly string[] =>
  performance.getEntriesByType('resource').flatMap(({ name }) => {
    const { origin, pathname } = new URL(name);
    return origin === location.origin && pathname.startsWith('/assets/') ? [pathname] : [];
  });

/** Whether the files of this page are those of that worker. */
function isOwnVersion(worker: ServiceWorker): Promise<boolean> {
  const entry = document.querySelector<HTMLScriptElement>('script[type="module"][src]')?.src;
  const path = entry === undefined ? '' : new URL(entry).pathname;
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    const timer = setTimeout(() => resolve(false), 2000);
    port1.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
      clearTimeout(timer);
      port1.close();
      resolve(Array.isArray(data) && data.includes(path));
    });
    port1.start();
    worker.postMessage({ type: 'files' }, [port2]);
  });
}
