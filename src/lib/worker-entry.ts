import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import type { WorkerOptions } from 'node:worker_threads';

/**
 * Where a worker thread's or child's code lives, and how to start it. Built: `dist/server/<name>.js`. From sources
 * (tests, `npm run dev`): the `.ts` file through tsx.
 * @param name of the built entry, e.g. `sqlite-worker`
 * @param source its file relative to the caller, e.g. `./sqlite-worker.ts`
 * @param callerUrl the caller's `import.meta.url`
 */
export function workerEntry(name: string, source: string, callerUrl: string): { url: URL; options: Pick<WorkerOptions, 'execArgv'> } {
  if (callerUrl.endsWith('.ts')) return { url: new URL(source, callerUrl), options: { execArgv: ['--import', registerTsx(callerUrl)] } };
  return { url: new URL(`./${name}.js`, callerUrl), options: { execArgv: [] } };
}

/** `--import tsx` does nothing in a worker thread on Node 20 (measured): the loader has to be registered there by hand. */
function registerTsx(callerUrl: string): string {
  const api = createRequire(callerUrl)
    .resolve('tsx/esm/api')
    .replace(/\.cjs$/, '.mjs');
  const code = `import { register } from ${JSON.stringify(pathToFileURL(api).href)}; register();`;
  return `data:text/javascript,${encodeURIComponent(code)}`;
}
