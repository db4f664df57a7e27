// A process that does nothing, measured as the server measures itself: what the machine alone does to an event loop.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { root } from '../../scripts/build-state.mjs';

const { createEventLoopLag } = await import(pathToFileURL(join(root, process.env.BENCH_SERVER ?? 'dist/server', 'core.js')).href);
const lag = createEventLoopLag();
lag.start();
setInterval(() => {
  lag.sample();
  process.send?.(lag.read().p99 * 1000);
}, 10_000);
