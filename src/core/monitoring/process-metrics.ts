import type { EventLoopLag } from './event-loop-lag.ts';
import type { Metrics } from './metrics.ts';

export interface ProcessFacts {
  readonly version: string;
  readonly lag: EventLoopLag;
}

/** Memory, processor time, lateness of the event loop, and what is running: read when somebody asks. */
export function declareProcessMetrics(metrics: Metrics, { version, lag }: ProcessFacts): void {
  metrics.gauge({ name: 'jarvis_event_loop_lag_seconds', help: 'Lateness of the event loop over the last 10 s.' }, () => {
    const { p50, p99, max } = lag.read();
    return [
      { labels: { quantile: '0.5' }, value: p50 },
      { labels: { quantile: '0.99' }, value: p99 },
      { labels: { quantile: '1' }, value: max },
    ];
  });
  metrics.gauge({ name: 'process_resident_memory_bytes', help: 'Memory of the process, without its child process.' }, () =>
    process.memoryUsage.rss(),
  );
  metrics.gauge({ name: 'process_heap_bytes', help: 'JavaScript heap in use.' }, () => process.memoryUsage().heapUsed);
  metrics.countedElsewhere({ name: 'process_cpu_seconds_total', help: 'Processor time of the process with its threads.' }, () => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1e6;
  });
  metrics.gauge(
    { name: 'process_start_time_seconds', help: 'When counting began, in seconds since 1970.' },
    () => metrics.startedAt / 1000,
  );
  const build = [{ labels: { version, node: process.versions.node }, value: 1 }];
  metrics.gauge({ name: 'jarvis_build_info', help: 'What is running; always 1.' }, () => build);
}
