// Loaded into a server that is measured (`--expose-gc --import`): tells its heap after a collection, each time it gets SIGUSR2, in a line on stderr.
process.on('SIGUSR2', () => {
  globalThis.gc();
  globalThis.gc();
  const { heapUsed, external, arrayBuffers } = process.memoryUsage();
  process.stderr.write(`\nheap-probe ${heapUsed + external + arrayBuffers}\n`);
});
