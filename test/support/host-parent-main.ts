import { createInferenceClient } from '../../src/infrastructure/inference/inference-client.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { silentLogger } from '../../src/lib/logger.ts';

/** Stands for a server: gives a host work that never ends, says the host's process id once it is busy, and waits to be killed. */
const folderUrl = new URL('../fixtures/plugins/trial/', import.meta.url);
const client = createInferenceClient({ logger: silentLogger, clock: systemClock });
client.configure([
  { name: 'trial', version: '1', moduleUrl: new URL('plugin.ts', folderUrl).href, folder: folderUrl.pathname, config: {}, models: [] },
]);
const [targetDirectory = ''] = process.argv.slice(2);
await client.run(
  {
    ...{ jobId: 'job', plugin: 'trial', kind: 'loops', params: {}, level: 'normal', inputs: [], pictures: [], targetDirectory },
    ...{ granted: { memoryMb: 500, gpuMemoryMb: 0, cpuThreads: 1 }, maxPixels: 1, timeoutMs: 60_000, stallMs: 60_000 },
  },
  {
    signal: new AbortController().signal,
    onStart() {},
    onProgress: () => void process.stdout.write(`${client.pids()[0]}\n`),
    onPreview() {},
  },
);
