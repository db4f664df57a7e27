// A process that does nothing, measured as the server measures itself: what the machine alone does to an event loop.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { serveCalls } from '../harness/child.mjs';
import { measuredRoot } from '../harness/server.mjs';

const { createEventLoopLag } = await import(pathToFileURL(join(measuredRoot, 'dist/server/core.js')).href);
const lag = createEventLoopLag();
lag.start();
setInterval(() => lag.sample(), 10_000);

serveCalls({
  /** @returns ms, p99 of the last 10 s */
  lag: () => lag.read().p99 * 1000,
});
