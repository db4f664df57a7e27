import { availableParallelism, totalmem } from 'node:os';
import type { Config } from '../config.ts';
import { memoryBudget } from '../infrastructure/process-memory.ts';

const MEBIBYTE = 1_048_576;
/** Of the server's memory, for the processes that work; the rest is the server's own. */
const WORK_SHARE = 0.6;
const MB_EACH = 512;

/** What all jobs may use together, and how many of them may run at once. */
export function machineOf(config: Config) {
  const budget = memoryBudget(config.limits.memoryMb) ?? totalmem();
  const memoryMb = Math.max(Math.floor((budget * WORK_SHARE) / MEBIBYTE), config.inference.memoryMb ?? 0);
  return {
    concurrency: config.jobs.concurrency ?? Math.max(1, Math.floor(budget / MEBIBYTE / MB_EACH)),
    resources: {
      memoryMb,
      cpuThreads: config.inference.threads ?? availableParallelism(),
      // Where nobody says how much a graphics card has, what does not fit there is worked on by the processor.
      gpuMemoryMb: config.inference.gpuMemoryMb ?? Number.MAX_SAFE_INTEGER,
    },
  };
}

/** MiB that one job may have at most. */
export function mostMemoryOf(config: Config): number {
  return config.inference.memoryMb ?? machineOf(config).resources.memoryMb;
}
