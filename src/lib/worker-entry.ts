import type { WorkerOptions } from 'node:worker_threads';

/**
 * Where a worker thread's or child's code lives, and how to start it. Built: `dist/server/<name>.js`. From sources
 * (tests, `npm run dev`): the `.ts` file through tsx.
 * @param name of the built entry, e.g. `sqlite-worker`
 * @param source its file relative to the caller, e.g. `./sqlite-worker.ts`
 * @param callerUrl the caller's `import.meta.url`
 */
export function workerEntry(name: string, source: string, callerUrl: string): { url: URL; options: Pick<WorkerOptions, 'execArgv'> } {
  if (callerUrl.endsWith('.ts')) return { url: new URL(source, callerUrl), options: { execArgv: ['--import', 'tsx'] } };
  return { url: new URL(`./${name}.js`, callerUrl), options: { execArgv: [] } };
}
