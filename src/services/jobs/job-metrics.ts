import type { Metrics } from '../../core/index.ts';
import type { JobRecord } from './job-record.ts';

/** Numbers that somebody holds anyway. */
export interface JobReadings {
  queued(): number;
  running(): number;
  /** Epoch milliseconds; null: nothing waits. */
  oldestQueuedAt(): number | null;
  /** Of the last day. */
  dead(): number;
  now(): number;
}

export interface JobMetrics {
  started(): void;
  ended(record: Pick<JobRecord, 'status' | 'plugin' | 'attempts' | 'seconds' | 'cached'>): void;
}

const secondBuckets = [0.5, 1, 2, 5, 10, 20, 60, 120, 300, 600, 1800];
const startBuckets = [0, 1, 2, 3];

/** PROMISES J14. Labels are words of this program and names of plugins. */
export function createJobMetrics(metrics: Metrics, readings: JobReadings): JobMetrics {
  metrics.gauge({ name: 'jarvis_jobs_queued', help: 'Jobs that wait.' }, () => readings.queued());
  metrics.gauge({ name: 'jarvis_jobs_running', help: 'Jobs that are worked on by this process.' }, () => readings.running());
  metrics.gauge({ name: 'jarvis_jobs_oldest_queued_seconds', help: 'How long the job that waits longest has waited.' }, () => {
    const at = readings.oldestQueuedAt();
    return at === null ? 0 : Math.max(0, (readings.now() - at) / 1000);
  });
  metrics.gauge({ name: 'jarvis_jobs_dead', help: 'Jobs of the last day that were given up. Anything above 0 wants a look.' }, () =>
    readings.dead(),
  );
  const starts = metrics.counter({ name: 'jarvis_job_starts_total', help: 'Attempts at jobs.' });
  const ended = metrics.counter({ name: 'jarvis_jobs_total', help: 'Jobs that ended, by how and by plugin.' });
  const startsEach = metrics.histogram({
    name: 'jarvis_job_starts',
    help: 'Starts that a job took until it ended.',
    buckets: startBuckets,
  });
  const seconds = metrics.histogram({
    name: 'jarvis_job_seconds',
    help: 'Time that a job was worked on, by plugin.',
    buckets: secondBuckets,
  });
  return {
    started: () => starts.add(),
    ended({ status, plugin, attempts, seconds: worked, cached }) {
      ended.add(1, { status, plugin });
      startsEach.observe(attempts);
      if (worked !== undefined && cached === undefined) seconds.observe(worked, { plugin });
    },
  };
}
