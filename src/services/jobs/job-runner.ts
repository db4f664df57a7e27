import { randomUUID } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { GrantedTask } from '../../core/index.ts';
import { AppError } from '../../lib/app-error.ts';
import type { Clock } from '../../lib/clock.ts';
import type { Logger } from '../../lib/logger.ts';
import { WorkerLostError } from '../../lib/worker-lost-error.ts';
import type { JobEvents, JobExecutor, JobOrder, JobOutcome } from '../ports/job-executor.ts';
import type { JobKind, JobKinds, JobTask } from '../ports/job-kinds.ts';
import type { JobDays } from './job-days.ts';
import type { JobFinisher } from './job-finisher.ts';
import type { JobMetrics } from './job-metrics.ts';
import type { JobUploads } from './job-ports.ts';
import type { JobRecord } from './job-record.ts';
import type { JobStore } from './job-store.ts';
import type { JobTimings } from './job-timings.ts';
import { paramsOf } from './job-view.ts';
import type { LiveAttempt, LiveJobs } from './live-jobs.ts';

export interface JobRunnerOptions {
  readonly store: JobStore;
  readonly live: LiveJobs;
  readonly finisher: JobFinisher;
  readonly executor: JobExecutor;
  readonly kinds: Pick<JobKinds, 'find'>;
  readonly uploads: Pick<JobUploads, 'copyTo'>;
  readonly days: JobDays;
  readonly metrics: JobMetrics;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly timings: JobTimings;
  /** Names this process in leases. */
  readonly processId: string;
  /** Exists and is private. */
  readonly temporaryDirectory: string;
  readonly limits: { readonly jobMs: number; readonly stallMs: number; readonly maxPixels: number };
}

/**
 * An attempt may take three times its estimate, a short one this long all the same: on a machine that is busy with something else work
 * that goes on is not ended for being slow. What does not go on is ended after `stallMs`.
 */
const ESTIMATES = 3;
const LEAST_MS = 5 * 60_000;

/** The kind and the task of a stored job. @throws AppError PLUGIN_DISABLED when no plugin declares it any more */
export function taskOfRecord(kinds: Pick<JobKinds, 'find'>, record: JobRecord): { readonly kind: JobKind; readonly task: JobTask } {
  const kind = kinds.find(record.kind);
  if (kind === null) throw new AppError('PLUGIN_DISABLED', { params: { plugin: record.plugin } });
  return { kind, task: { params: paramsOf(record), level: record.level, pictures: record.pictures } };
}

interface WorkPlace {
  readonly attempt: LiveAttempt;
  /** Of its own; removed by whoever named it. */
  readonly folder: string;
  /** The process has begun on it. */
  readonly onStart: () => void;
}

/** Makes one attempt at a job: takes it, has it worked on in another process, and sees to what comes of it. */
export class JobRunner {
  readonly #options: JobRunnerOptions;

  constructor(options: JobRunnerOptions) {
    this.#options = options;
  }

  async run(granted: GrantedTask): Promise<{ seconds: number; peakMemoryMb: number } | undefined> {
    const { store, live, timings, processId, clock, metrics, logger } = this.#options;
    const waiting = live.record(granted.id);
    if (waiting === null) return undefined;
    const token = randomUUID();
    const record = await store.claim(live.current(waiting), { token, owner: processId, leaseMs: timings.leaseMs });
    if (record === null) {
      const now = await store.get(granted.id);
      if (now === null) live.forget(granted.id);
      else live.update(now);
      return undefined;
    }
    const attempt = { token, controller: new AbortController(), startedAt: clock.now(), seconds: granted.seconds };
    live.begin(record, attempt);
    metrics.started();
    logger.info({ jobId: record.id, kind: record.kind, level: record.level, attempt: record.attempts }, 'a job began');
    return this.#attempt(record, granted, attempt);
  }

  async #attempt(
    record: JobRecord,
    granted: GrantedTask,
    attempt: LiveAttempt,
  ): Promise<{ seconds: number; peakMemoryMb: number } | undefined> {
    const { finisher, days, live, clock, temporaryDirectory, logger } = this.#options;
    const folder = join(temporaryDirectory, `job-${randomUUID()}`);
    let taken: { seconds: number; peakMemoryMb: number } | undefined;
    let begunAt: number | null = null;
    try {
      const onStart = () => {
        begunAt = clock.now();
      };
      const outcome = await this.#work(record, granted, { attempt, folder, onStart });
      taken = { seconds: secondsOf(outcome, begunAt, clock.now()), peakMemoryMb: outcome.peakMemoryMb };
      await finisher.succeed(record, outcome, attempt.controller.signal);
    } catch (error) {
      await finisher.settle(record, attempt.controller.signal.aborted ? attempt.controller.signal.reason : error);
    } finally {
      // An end that could not be stored: the lease runs out, and whoever sweeps takes the job back.
      live.letGo(record.id, attempt.token);
      await rm(folder, { recursive: true, force: true });
      await days.add(record.ownerId, (clock.now() - attempt.startedAt) / 1000).catch((error: unknown) => {
        logger.warn({ jobId: record.id, error }, 'the time of a job could not be counted');
      });
    }
    return taken;
  }

  async #work(record: JobRecord, granted: GrantedTask, { attempt, folder, onStart }: WorkPlace): Promise<JobOutcome> {
    const { uploads, executor, limits, live, timings } = this.#options;
    const { kind, task } = taskOfRecord(this.#options.kinds, record);
    kind.assertReady(task);
    const { signal } = attempt.controller;
    const targetDirectory = join(folder, 'results');
    await mkdir(targetDirectory, { recursive: true, mode: 0o700 });
    const inputs = record.input.map((_id, at) => join(folder, `input-${at}`));
    for (const [at, path] of inputs.entries()) await uploads.copyTo(record.ownerId, record.input[at] ?? '', path);
    signal.throwIfAborted();
    const timeoutMs = Math.min(limits.jobMs, Math.max(LEAST_MS, granted.seconds * 1000 * ESTIMATES));
    const order: JobOrder = {
      jobId: record.id,
      kind: record.kind,
      plugin: record.plugin,
      ...task,
      inputs,
      targetDirectory,
      granted: granted.granted,
      maxPixels: limits.maxPixels,
      timeoutMs,
      stallMs: limits.stallMs,
    };
    const events: JobEvents = {
      signal,
      onStart,
      onProgress: (percent, note) => live.progress(record.id, percent, note),
      onPreview: (picture) => live.preview(record.id, picture),
    };
    return this.#within(executor.run(order, events), attempt.controller, timeoutMs + timings.overtimeMs);
  }

  /**
   * The executor keeps the time itself. Should it not, the attempt is aborted; and whoever does not end when aborted is not
   * waited for: the job goes on without it, and what it still brings is thrown away.
   */
  async #within(work: Promise<JobOutcome>, controller: AbortController, ms: number): Promise<JobOutcome> {
    const { clock, timings } = this.#options;
    const timers: (() => void)[] = [];
    const left = new Promise<never>((_resolve, reject) => {
      timers.push(clock.after(ms, () => controller.abort(new WorkerLostError('timeout'))));
      controller.signal.addEventListener(
        'abort',
        () => timers.push(clock.after(timings.overtimeMs, () => reject(new WorkerLostError('stalled')))),
        {
          once: true,
        },
      );
    });
    try {
      return await Promise.race([work, left]);
    } finally {
      for (const cancel of timers) cancel();
    }
  }
}

/** Of the work itself: a process that starts on a busy machine says nothing about how long its like will take. */
function secondsOf({ seconds }: JobOutcome, begunAt: number | null, now: number): number {
  return begunAt === null ? seconds : Math.min(seconds, (now - begunAt) / 1000);
}
