import { type GrantedTask, modelKeyOf, modelsOf, type ScheduledTask, type TaskScheduler } from '../../core/index.ts';
import { AppError } from '../../lib/app-error.ts';
import type { Clock } from '../../lib/clock.ts';
import type { Logger } from '../../lib/logger.ts';
import type { JobEstimate } from '../ports/job-kinds.ts';
import type { JobRecord } from './job-record.ts';

export interface JobQueueOptions {
  readonly scheduler: Pick<TaskScheduler, 'scheduleTask' | 'next' | 'finished' | 'remove' | 'has' | 'place' | 'counts' | 'canEverRun'>;
  /** Of a job for its next try. */
  readonly longestWaitMs: number;
  readonly clock: Clock;
  readonly logger: Logger;
  /** One attempt. Never rejects for what a job does. @returns what it took, where that was measured */
  readonly run: (task: GrantedTask) => Promise<{ readonly seconds: number; readonly peakMemoryMb: number } | undefined>;
  /** An attempt is over, and its place is free. */
  readonly after: (jobId: string) => void;
}

/** Ids of waiting jobs and who of them may begin. Loses nothing that matters: the rows are the truth (J1). */
export class JobQueue {
  readonly #options: JobQueueOptions;
  readonly #tasks = new Map<string, ScheduledTask>();
  readonly #delayed = new Map<string, () => void>();
  readonly #running = new Map<string, Promise<void>>();
  #held = false;

  constructor(options: JobQueueOptions) {
    this.#options = options;
  }

  has(id: string): boolean {
    return this.#tasks.has(id);
  }

  /** Whether a job that waits or runs loads this model. */
  needsModel(name: string): boolean {
    return [...this.#tasks.values()].some(({ modelKey }) => modelsOf(modelKey).includes(name));
  }

  /** @param notBefore epoch milliseconds. @throws AppError JOB_TOO_LARGE when this machine could never do it */
  add(record: JobRecord, estimate: JobEstimate, notBefore = 0): void {
    if (this.#held || this.has(record.id)) return;
    const task = taskOf(record, estimate);
    // Here, where somebody hears it: what waits is put into the queue by a timer.
    if (!this.#options.scheduler.canEverRun(task.needs))
      throw new AppError('JOB_TOO_LARGE', { params: { memoryMb: Math.ceil(task.needs.memoryMb) } });
    // A clock that was set back must not make a wait of seconds one of hours.
    const wait = Math.min(notBefore - this.#options.clock.now(), this.#options.longestWaitMs);
    if (wait > 0) {
      this.#delayed.set(
        record.id,
        this.#options.clock.after(wait, () => this.#enqueue(task)),
      );
    } else this.#options.scheduler.scheduleTask(task);
    this.#tasks.set(record.id, task);
    this.pump();
  }

  /** Takes out a job that does not run. */
  remove(id: string): void {
    if (this.#running.has(id)) return;
    this.#delayed.get(id)?.();
    this.#delayed.delete(id);
    this.#tasks.delete(id);
    this.#options.scheduler.remove(id);
    this.pump();
  }

  /** `etaSeconds`: until it is expected to end. */
  place(id: string): { readonly position: number; readonly etaSeconds: number } | null {
    const place = this.#options.scheduler.place(id);
    if (place === null) return null;
    return { position: place.position, etaSeconds: place.etaSeconds };
  }

  /** Expected seconds of all that a person has waiting or running. */
  secondsOf(ownerId: string): number {
    let seconds = 0;
    for (const task of this.#tasks.values()) if (task.userId === ownerId) seconds += task.seconds;
    return seconds;
  }

  /** Those that wait for another try are queued as well. */
  counts(): { readonly queued: number; readonly running: number; readonly oldestQueuedAt: number | null } {
    const { queued, running, oldestEnqueuedAt } = this.#options.scheduler.counts();
    return { queued: queued + this.#delayed.size, running, oldestQueuedAt: oldestEnqueuedAt };
  }

  /** Begins what may begin. */
  pump(): void {
    const { scheduler } = this.#options;
    while (!this.#held) {
      const task = scheduler.next();
      if (task === null) return;
      this.#running.set(task.id, this.#run(task));
    }
  }

  /** Nothing begins any more; what waits stays in the store. */
  hold(): void {
    this.#held = true;
    for (const cancel of this.#delayed.values()) cancel();
    this.#delayed.clear();
  }

  /** Resolves when nothing runs. */
  async idle(): Promise<void> {
    while (this.#running.size > 0) await Promise.allSettled(this.#running.values());
  }

  #enqueue(task: ScheduledTask): void {
    this.#delayed.delete(task.id);
    this.#options.scheduler.scheduleTask(task);
    this.pump();
  }

  async #run(task: GrantedTask): Promise<void> {
    const { run, after, scheduler, logger } = this.#options;
    const taken = await run(task).catch((error: unknown) => {
      logger.error({ jobId: task.id, error }, 'an attempt at a job failed outside of it; its row is looked at again');
      return undefined;
    });
    scheduler.finished(task.id, taken);
    this.#tasks.delete(task.id);
    this.#running.delete(task.id);
    after(task.id);
    this.pump();
  }
}

function taskOf(record: JobRecord, { models, cpuThreads, memoryMb, gpuMemoryMb, seconds }: JobEstimate): ScheduledTask {
  return {
    id: record.id,
    userId: record.ownerId,
    level: record.level,
    plugin: record.plugin,
    modelKey: modelKeyOf(models),
    needs: { cpuThreads, memoryMb, gpuMemoryMb },
    seconds,
    enqueuedAt: record.queuedAt,
  };
}
