import { randomUUID } from 'node:crypto';
import type { Config } from '../config.ts';
import { type GrantedTask, type Metrics, TaskScheduler } from '../core/index.ts';
import type { RouteGroup } from '../gateway/http/http-app.ts';
import { createJobRoutes } from '../gateway/http/job-routes.ts';
import type { InferenceClient } from '../infrastructure/inference/inference-client.ts';
import { AppError } from '../lib/app-error.ts';
import type { Clock } from '../lib/clock.ts';
import type { DocumentStore } from '../lib/document-store.ts';
import type { Logger } from '../lib/logger.ts';
import { type MessageRecord, messagesCollection } from '../services/conversations/message-record.ts';
import { JobAcceptance } from '../services/jobs/job-acceptance.ts';
import { JobAdmission } from '../services/jobs/job-admission.ts';
import { JobDays } from '../services/jobs/job-days.ts';
import { JobFinisher } from '../services/jobs/job-finisher.ts';
import { JobGallery } from '../services/jobs/job-gallery.ts';
import { createJobMetrics } from '../services/jobs/job-metrics.ts';
import type { JobResultCache, KindOutcome } from '../services/jobs/job-ports.ts';
import { JobQueue } from '../services/jobs/job-queue.ts';
import { JobRecovery } from '../services/jobs/job-recovery.ts';
import { JobResults } from '../services/jobs/job-results.ts';
import { JobRunner } from '../services/jobs/job-runner.ts';
import { JobStore } from '../services/jobs/job-store.ts';
import { type JobTimings, jobTimings } from '../services/jobs/job-timings.ts';
import { Jobs } from '../services/jobs/jobs.ts';
import { LiveJobs } from '../services/jobs/live-jobs.ts';
import type { MessagingService } from '../services/messaging/messaging-service.ts';
import type { JobExecutor } from '../services/ports/job-executor.ts';
import type { JobKinds } from '../services/ports/job-kinds.ts';
import type { Uploads } from '../services/uploads/uploads.ts';
import type { Processing } from './wire-processing.ts';
import { machineOf, mostMemoryOf } from './work-machine.ts';

export interface JobsWiring {
  readonly documents: DocumentStore;
  readonly uploads: Uploads;
  readonly messaging: MessagingService;
  readonly plugins: { readonly registry: JobKinds & { noteOutcome(kind: string, outcome: KindOutcome): void } };
  readonly inference: InferenceClient & Partial<JobExecutor>;
  readonly metrics: Metrics;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly temporaryDirectory: string;
  /** Estimates that learn, shares and the cache of results; absent: as the plugins declare it, and nothing is kept. */
  readonly processing?: Processing;
  /** What a test puts in place of the real thing. */
  readonly options: {
    readonly jobTimings?: Partial<JobTimings>;
    readonly jobExecutor?: JobExecutor;
    readonly jobKinds?: JobsWiring['plugins']['registry'];
    readonly jobCache?: JobResultCache;
    /** 0 to 1. */
    readonly jobRandom?: () => number;
  };
}

export interface WiredJobs {
  readonly jobs: Jobs;
  readonly routes: RouteGroup;
  /** False: the disk is emptied with the next start, and with it the queue. */
  readonly lasting: boolean;
  /** What is wrong, for administrators. */
  reasons(): string[];
  /** Asked before a job is accepted, once there is something to ask. */
  guardWith(assertRoom: () => void): void;
  /** Whether a job that waits or runs loads this model. */
  needsModel(name: string): boolean;
}

/** Image work: the queue, what does the work, and the routes to it. */
export function wireJobs(config: Config, wiring: JobsWiring): WiredJobs {
  const { documents, uploads, messaging, metrics, clock, logger, temporaryDirectory, options } = wiring;
  const timings = { ...jobTimings, ...options.jobTimings };
  const { kinds, executor, cache } = sourcesOf(wiring);
  const machine = machineOf(config);
  let assertRoom = () => {};
  const scheduler = new TaskScheduler({ clock, ...machine, quotas: wiring.processing?.quotas });
  const longestWaitMs = Math.max(...timings.backoffMs, timings.retryStoreMs);
  const act = { run: (task: GrantedTask) => runner.run(task), after: (id: string) => again(id) };
  const queue: JobQueue = new JobQueue({ scheduler, clock, logger, longestWaitMs, ...act });
  const store = new JobStore({ documents, clock, uploads });
  const live = new LiveJobs({ clock, messaging, timings, placeOf: (id) => queue.place(id) });
  const readings = { ...readingsOf(queue), dead: () => recovery.dead, now: () => clock.now() };
  const jobMetrics = createJobMetrics(metrics, readings);
  const days = new JobDays(documents, clock, config.limits.jobSecondsPerUserPerDay);
  const results = new JobResults({ cache, uploads, kinds, logger });
  const base = { documents, store, live, uploads, kinds, days, results, messaging, metrics: jobMetrics, clock, logger, timings };
  const message = (id: string) => documents.get<MessageRecord>(messagesCollection.name, id);
  const finisher = new JobFinisher({ ...base, message, random: options.jobRandom ?? Math.random });
  const { jobMs, jobStallMs: stallMs } = config.limits;
  const limits = { jobMs, stallMs, maxPixels: config.uploads.maxPixels };
  const runner = new JobRunner({ ...base, finisher, executor, limits, temporaryDirectory, processId: randomUUID() });
  const admission = new JobAdmission({
    ...base,
    limits: config.limits,
    capacity: { ...machine.resources, ...mostOf(config) },
    secondsToPlace: (ownerId) => live.secondsToNextEnd(ownerId) ?? timings.sweepMs / 1000,
    openSeconds: (ownerId) => queue.secondsOf(ownerId),
  });
  const acceptance = new JobAcceptance({ ...base, admission, assertRoom: () => assertRoom() });
  const dequeue = (id: string) => queue.remove(id);
  const recovery: JobRecovery = new JobRecovery({ ...base, finisher, enqueue: (record) => jobs.enqueue(record), dequeue });
  const gallery = new JobGallery({ documents, uploads });
  const { keepDays } = config.jobs;
  const jobs: Jobs = new Jobs({ ...base, queue, acceptance, finisher, recovery, gallery, keepDays, placesMs: timings.placesMs });

  /** What was put back into the queue by its own attempt waits for its time. */
  function again(id: string): void {
    const record = live.record(id);
    if (record?.status !== 'queued') return;
    const retryAt = record.retryAt ?? clock.now() + timings.retryStoreMs;
    void jobs
      .enqueue({ ...record, retryAt })
      .catch((error: unknown) => logger.warn({ jobId: id, error }, 'a job waits for the next sweep'));
  }

  const lasting = !config.platform.ephemeralDisk || config.mongoUri !== undefined;
  return {
    jobs,
    lasting,
    routes: (identities) => createJobRoutes({ jobs, identities, durability: lasting ? 'durable' : 'none' }),
    reasons: () => reasonsOf(recovery.dead),
    guardWith(guard) {
      assertRoom = guard;
    },
    needsModel: (name) => queue.needsModel(name),
  };
}

/** What the work is declared as, what does it and what remembers it: of a test, of what learns, or as it is. */
function sourcesOf({ options, processing, inference, plugins: { registry } }: JobsWiring) {
  const learned = processing && { ...processing.kinds, noteOutcome: registry.noteOutcome.bind(registry) };
  return {
    kinds: options.jobKinds ?? learned ?? registry,
    executor: options.jobExecutor ?? processing?.executor ?? executorOf(inference),
    cache: options.jobCache ?? processing?.cache ?? null,
  };
}

/** Until the host can work on jobs. */
function executorOf(inference: Partial<JobExecutor>): JobExecutor {
  return { run: (order, events) => inference.run?.(order, events) ?? Promise.reject(new AppError('PLUGIN_FAILED')) };
}

function readingsOf(queue: JobQueue) {
  return {
    queued: () => queue.counts().queued,
    running: () => queue.counts().running,
    oldestQueuedAt: () => queue.counts().oldestQueuedAt,
  };
}

/** A disk that is emptied is named among the warnings of the platform already. */
function reasonsOf(dead: number): string[] {
  return dead === 0 ? [] : [`Jobs of the last day that were given up: ${dead}. The log names the reason of each (jobId).`];
}

function mostOf(config: Config) {
  const { limits, uploads } = config;
  return { memoryMb: mostMemoryOf(config), seconds: limits.jobMs / 1000, maxPixels: uploads.maxPixels, maxSide: uploads.maxSide };
}
