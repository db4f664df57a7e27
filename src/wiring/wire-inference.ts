import type { Config } from '../config.ts';
import type { Metrics } from '../core/index.ts';
import { createInferenceClient, type InferenceClient } from '../infrastructure/inference/inference-client.ts';
import { memoryBudget } from '../infrastructure/process-memory.ts';
import type { Clock } from '../lib/clock.ts';
import type { Logger } from '../lib/logger.ts';

const MEBIBYTE = 1_048_576;
const HOST_MOST_BYTES = 384 * MEBIBYTE;
const HOST_LEAST_BYTES = 128 * MEBIBYTE;
/** Of 512 MB a host may take 307; with the 110 of the server that is below the first level of the monitor. */
const HOST_SHARE = 0.6;
/** What a job may go over its share of the budget before it is ended: at 512 MB, 358 with the 110 of the server stay below the last level. */
const WORK_SHARE = 0.7;
const CALLS_MOST_BYTES = 1024 * MEBIBYTE;
const lanes = ['codec', 'work', 'calls'] as const;

/** The processes in which pictures are decoded and plugins run, with their numbers. Starts none of them. */
export function wireInference(config: Config, options: { logger: Logger; clock: Clock; metrics: Metrics }): InferenceClient {
  const { logger, clock, metrics } = options;
  const { providers, keepAliveMs, environment } = config.inference;
  const client = createInferenceClient({ logger, clock, providers, keepAliveMs, environment, ...hostMemory(config) });
  const laneStates = () => lanes.map((lane) => ({ labels: { lane }, ...client.state().lanes[lane] }));
  metrics.gauge({ name: 'jarvis_inference_hosts', help: 'Processes that decode pictures or run plugins, by lane.' }, () =>
    laneStates().map(({ labels, hosts }) => ({ labels, value: hosts.length })),
  );
  metrics.gauge({ name: 'jarvis_inference_host_starts', help: 'Such processes started since the server started.' }, () =>
    laneStates().map(({ labels, starts }) => ({ labels, value: starts })),
  );
  metrics.gauge({ name: 'jarvis_inference_host_losses', help: 'Such processes that ended in the middle of work.' }, () =>
    laneStates().map(({ labels, crashes }) => ({ labels, value: crashes })),
  );
  return client;
}

/** How much the hosts may hold, so that a large picture or a greedy plugin costs that work and not the server. */
function hostMemory(config: Config) {
  const budget = memoryBudget(config.limits.memoryMb);
  const own = config.inference.memoryMb === undefined ? undefined : config.inference.memoryMb * MEBIBYTE;
  if (budget === null) return { mostMemory: own };
  const share = Math.max(HOST_LEAST_BYTES, Math.round(budget * HOST_SHARE));
  return {
    memoryLimit: Math.min(HOST_MOST_BYTES, share),
    callsMemory: Math.min(CALLS_MOST_BYTES, share),
    mostMemory: own ?? Math.max(HOST_LEAST_BYTES, Math.round(budget * WORK_SHARE)),
    workBudget: Math.max(share, own ?? 0),
  };
}
