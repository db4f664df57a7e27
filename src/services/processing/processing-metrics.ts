import type {
  AlertGenerator,
  Metrics,
  ModelMetrics,
  ModelMonitor,
  MultiLevelCache,
  ProcessingOptimizer,
  Sample,
} from '../../core/index.ts';

const MEBIBYTE = 1_048_576;

export interface ProcessingWatched {
  readonly monitor: ModelMonitor;
  readonly alerts: AlertGenerator;
  readonly cache: MultiLevelCache | null;
  readonly optimizer: ProcessingOptimizer;
}

/** Labels are names of models and plugins of this server, never what a person typed. */
export function declareProcessingMetrics(metrics: Metrics, { monitor, alerts, cache, optimizer }: ProcessingWatched): void {
  const ofModels = (read: (of: ModelMetrics) => number) => (): Sample[] =>
    [...monitor.all()].map(([model, of]) => ({ labels: { model }, value: read(of) }));
  metrics.countedElsewhere(
    { name: 'jarvis_model_runs_total', help: 'Runs of work with a model.' },
    ofModels(({ runs }) => runs),
  );
  metrics.countedElsewhere(
    { name: 'jarvis_model_failures_total', help: 'Runs with a model that failed or lost their process.' },
    ofModels((of) => of.failures),
  );
  metrics.countedElsewhere(
    { name: 'jarvis_model_seconds_total', help: 'Time that work with a model took.' },
    ofModels(({ seconds }) => seconds),
  );
  metrics.gauge(
    { name: 'jarvis_model_peak_memory_bytes', help: 'The most memory that work with a model reached since the start.' },
    ofModels((of) => of.peakMemoryMb * MEBIBYTE),
  );
  metrics.gauge({ name: 'jarvis_model_alerts', help: 'What is out of the ordinary with a model now.' }, () =>
    alerts.alerts().map(({ model, metric, value }) => ({ labels: { model, alert: metric }, value })),
  );
  metrics.gauge(
    { name: 'jarvis_processing_sorts', help: 'Kinds of work, at a level and on a provider, that were measured.' },
    () => optimizer.facts().length,
  );
  if (cache === null) return;
  metrics.countedElsewhere(
    { name: 'jarvis_result_cache_reads_total', help: 'Reads of the cache of results, by where it was found.' },
    () => {
      const { memory, below, misses } = cache.counts();
      return Object.entries({ memory, below, misses }).map(([found, value]) => ({ labels: { found }, value }));
    },
  );
  metrics.gauge({ name: 'jarvis_result_cache_bytes', help: 'What the cache of results holds in memory.' }, () => cache.counts().bytes);
}
