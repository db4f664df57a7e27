import { readFileSync } from 'node:fs';

const PERIOD_MS = 1000;

interface WatchedProcess {
  readonly ppid: number;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/**
 * Calls `onGone` once when the parent process is gone, or the parent's parent. npm runs a start script through a shell that
 * keeps SIGTERM to itself, so a server started with `npm start` learns of the stop only by losing its parent; and when npm
 * itself is killed, that shell goes on waiting. Does nothing when the process was not started through npm.
 * @param parentOf the parent of another process, null where the system does not tell
 * @returns stops watching
 */
export function watchParent(onGone: () => void, watched: WatchedProcess = process, parentOf = readParentOf): () => void {
  if (watched.env['npm_lifecycle_event'] === undefined) return () => {};
  const parent = watched.ppid;
  const grandparent = parentOf(parent);
  const timer = setInterval(() => {
    if (watched.ppid === parent && parentOf(parent) === grandparent) return;
    clearInterval(timer);
    onGone();
  }, PERIOD_MS);
  timer.unref();
  return () => clearInterval(timer);
}

function readParentOf(pid: number): number | null {
  try {
    return Number(/^PPid:\s+(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? Number.NaN) || null;
  } catch {
    return null;
  }
}
