const PERIOD_MS = 1000;

interface WatchedProcess {
  readonly ppid: number;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/**
 * Calls `onGone` once when the parent process is gone. npm runs a start script through a shell that keeps SIGTERM to
 * itself, so a server started with `npm start` learns of the stop only by losing its parent. Does nothing when the
 * process was not started through npm.
 * @returns stops watching
 */
export function watchParent(onGone: () => void, watched: WatchedProcess = process): () => void {
  if (watched.env['npm_lifecycle_event'] === undefined) return () => {};
  const parent = watched.ppid;
  const timer = setInterval(() => {
    if (watched.ppid === parent) return;
    clearInterval(timer);
    onGone();
  }, PERIOD_MS);
  timer.unref();
  return () => clearInterval(timer);
}
