import { Worker } from 'node:worker_threads';

/** How often it looks, in ms. */
const LOOK_MS = 1000;

/**
 * Ends this process when its parent is gone, even while its loop is blocked: a plugin that never gives the loop back does
 * not hear that the channel was closed, and would keep a core busy for ever after the server was killed.
 * @param parent as it was when this process began
 */
export function watchForOrphan(parent: number): void {
  const code = `setInterval(() => { if (process.ppid !== ${parent}) process.kill(process.pid, 'SIGKILL'); }, ${LOOK_MS});`;
  const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(code)}`), {
    execArgv: [],
    resourceLimits: { maxOldGenerationSizeMb: 8, maxYoungGenerationSizeMb: 2, stackSizeMb: 1 },
  });
  // Without the watch the host still ends with the channel; only a blocked one would stay.
  worker.on('error', () => {});
  worker.unref();
}
