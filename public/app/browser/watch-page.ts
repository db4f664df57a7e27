/** Listens to what happens to the page as a whole. @returns how to stop */
export function watchPage(on: {
  readonly back: () => void;
  readonly navigated: () => void;
  readonly stored: (key: string) => void;
}): () => void {
  const controller = new AbortController();
  const { signal } = controller;
  const visible = () => {
    if (!document.hidden) on.back();
  };
  window.addEventListener('online', on.back, { signal });
  // A dead network often leaves the socket looking alive: ask it.
  window.addEventListener('offline', on.back, { signal });
  window.addEventListener('pageshow', visible, { signal });
  document.addEventListener('visibilitychange', visible, { signal });
  window.addEventListener('popstate', on.navigated, { signal });
  window.addEventListener(
    'storage',
    (event) => {
      if (event.key !== null && event.newValue === null) on.stored(event.key);
    },
    { signal },
  );
  return () => controller.abort();
}
