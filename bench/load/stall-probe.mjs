// Loaded into a server that is measured (`--import`): each time it gets SIGWINCH it writes the longest stall of its event loop since the last time, in ms,
// into the file that BENCH_STALL_FILE names.
import { renameSync, writeFileSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';

const RESOLUTION_MS = 1;
const file = process.env.BENCH_STALL_FILE;
const histogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
histogram.enable();
process.on('SIGWINCH', () => {
  const value = { max: histogram.max / 1e6 - RESOLUTION_MS, p99: histogram.percentile(99) / 1e6 - RESOLUTION_MS };
  histogram.reset();
  writeFileSync(`${file}.new`, JSON.stringify(value));
  renameSync(`${file}.new`, file);
});
