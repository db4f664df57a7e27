/** Listens to what happens to the page as a whole. @returns how to stop */
export function watchPage(on: {
  readonly back: () => void;
  readonly navigated: () => void;
  /** The page is being left, perhaps for good. */
  readonly left: () => void;
  /** Another tab wrote or removed a key of the storage. */
  readonly stored: (key: string, removed: boolean) => void;
}): () => void {
  const controller = new AbortController();
  const { signal } = controller;
  const visible = () => {
    if (document.hidden) on.left();
    else on.back();
  };
  window.addEventListener('online', on.back, { signal });
  // A dead network often leaves the socket looking alive: ask it.
  window.addEventListener('offline', on.back, { signal });
  window.addEventListener('pageshow', visible, { signal });
  document.addEventListener('visibilitychange', visible, { signal });
  window.addEventListener('pagehide', on.left, { signal });
  window.addEventListener('popstate', on.navigated, { signal });
  window.addEventListener(
    'storage',
    (event) => {
      if (event.key !== null) on.stored(event.key, event.newValue === null);
    },
    { signal },
  );
  return () => controller.abort();
}
