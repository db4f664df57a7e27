import { createHash } from 'node:crypto';
import { availableParallelism, cpus } from 'node:os';
import type { Config } from '../config.ts';
import {
  AlertGenerator,
  type Metrics,
  ModelMonitor,
  MultiLevelCache,
  mostSorts,
  ProcessingOptimizer,
  QuotaManager,
  ThresholdManager,
} from '../core/index.ts';
import type { Clock } from '../lib/clock.ts';
import type { DocumentStore } from '../lib/document-store.ts';
import type { Logger } from '../lib/logger.ts';
import type { BlobStore } from '../services/ports/blob-store.ts';
import type { JobExecutor } from '../services/ports/job-executor.ts';
import type { JobKinds } from '../services/ports/job-kinds.ts';
import { createBlobCacheLevel } from '../services/processing/blob-cache-level.ts';
import { createMeasuredWork, type MeasuredWork } from '../services/processing/measured-work.ts';
import { createProcessingFactsStore } from '../services/processing/processing-facts-store.ts';
import { declareProcessingMetrics } from '../services/processing/processing-metrics.ts';
import { mostMemoryOf } from './work-machine.ts';

const MEBIBYTE = 1_048_576;
/** Results are ids and words, hundreds of bytes each: this is thousands of them. */
const CACHE_MEMORY_BYTES = 4 * MEBIBYTE;
const CACHE_ENTRY_BYTES = MEBIBYTE;
/** As long as a deleted conversation can be brought back: by then nothing of it is left here either. */
const CACHE_AGE_MS = 30 * 24 * 3600_000;

export interface ProcessingWiring {
  readonly documents: DocumentStore;
  readonly blobs: BlobStore;
  /** As the plugins declare them. */
  readonly kinds: JobKinds;
  readonly executor: JobExecutor;
  readonly metrics: Metrics;
  readonly clock: Clock;
  readonly logger: Logger;
}

export interface Processing extends MeasuredWork {
  /** Null: switched off. */
  readonly cache: MultiLevelCache | null;
  readonly quotas: QuotaManager;
  /** Takes in what was learned before the last stop. Never rejects. */
  start(): Promise<void>;
  /** Removes what the cache has kept for long enough. */
  sweepCache(): Promise<number>;
  /** What is wrong with models, for administrators. */
  reasons(): string[];
}

/** What makes work cheaper and its times true: estimates that learn, ways of working that are tried out, results that are kept. */
export function wireProcessing(config: Config, wiring: ProcessingWiring): Processing {
  const { documents, blobs, metrics, clock, logger } = wiring;
  const monitor = new ModelMonitor();
  const alerts = new AlertGenerator({ thresholds: new ThresholdManager(), clock, logger });
  const threads = config.inference.threads ?? availableParallelism();
  const optimizer = new ProcessingOptimizer({ threads, memoryMb: mostMemoryOf(config), machine: machineName() });
  const facts = createProcessingFactsStore(documents);
  const maxBytes = config.jobs.cacheMb * MEBIBYTE;
  const below = createBlobCacheLevel({ blobs, clock, logger, maxBytes, maxAgeMs: CACHE_AGE_MS });
  const cacheOptions = { memoryBytes: CACHE_MEMORY_BYTES, maxEntryBytes: CACHE_ENTRY_BYTES, below, logger };
  const cache = maxBytes === 0 ? null : new MultiLevelCache(cacheOptions);
  const quotas = new QuotaManager();
  for (const { subject, cpuThreads, memoryMb, gpuMemoryMb } of config.jobs.quotas)
    quotas.setQuota(subject, cpuThreads, memoryMb, gpuMemoryMb);
  declareProcessingMetrics(metrics, { monitor, alerts, cache, optimizer });
  return {
    ...createMeasuredWork({ ...wiring, optimizer, monitor, alerts, facts }),
    cache,
    quotas,
    async start() {
      try {
        optimizer.restore([...(await facts.load(mostSorts))].reverse());
      } catch (error) {
        logger.warn({ error }, 'what was measured before could not be read; it is learned anew');
      }
    },
    sweepCache: () => below.sweep(),
    reasons: () => alerts.reasons(),
  };
}

/** Times of one machine say nothing about another one that shares its database. */
function machineName(): string {
  const model = cpus()[0]?.model ?? 'unknown';
  return createHash('sha256').update(`${process.arch} ${model} ${availableParallelism()}`).digest('hex').slice(0, 12);
}
