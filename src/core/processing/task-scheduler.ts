import { AppError } from '../../lib/app-error.ts';
import type { Clock } from '../../lib/clock.ts';
import type { ResourceNeeds } from '../base/resource-aware.ts';
import { QuotaManager } from '../resources/quota-manager.ts';
import type { GrantedNeeds, GrantedTask, ScheduledTask } from './scheduled-task.ts';
import { TaskFloor } from './task-floor.ts';
import { type Forecast, type ForecastPlace, forecastOf } from './task-forecast.ts';
import { TaskPace } from './task-pace.ts';

/** Where a queued task stands. */
export interface TaskPlace {
  /** 1: the next to begin. */
  readonly position: number;
  /** Until it is expected to begin, and to end, in seconds, not negative. */
  readonly startsInSeconds: number;
  readonly etaSeconds: number;
}

export interface TaskCounts {
  readonly queued: number;
  readonly running: number;
  /** Of the queue, in epoch milliseconds; null when it is empty. */
  readonly oldestEnqueuedAt: number | null;
}

export interface TaskSchedulerOptions {
  readonly clock: Pick<Clock, 'now'>;
  /** What tasks may use together. */
  readonly resources: GrantedNeeds;
  /** How many tasks may run at once, at least 1. */
  readonly concurrency: number;
  /** Default: nobody has a quota. */
  readonly quotas?: QuotaManager | undefined;
}

/**
 * Decides which waiting task runs next: users in turn, quick work before normal before deep, work of one model together, and nobody
 * passed without end (`TaskQueue` has the rules). A task runs when what it needs is free; until then it waits, and `place` says for
 * how long. Pure and synchronous: it starts nothing and keeps no timer.
 */
export class TaskScheduler {
  readonly #options: TaskSchedulerOptions;
  readonly #floor: TaskFloor;
  readonly #pace = new TaskPace();
  readonly #startedAt = new Map<string, number>();
  #forecast: Forecast | null = null;

  constructor(options: TaskSchedulerOptions) {
    this.#options = options;
    this.#floor = new TaskFloor(options, options.quotas ?? new QuotaManager());
  }

  /** What nobody uses now. */
  get free(): GrantedNeeds {
    return this.#floor.free;
  }

  /** Whether this machine has what the task needs when nothing else runs. More threads than there are is no obstacle: it gets all. */
  canEverRun(needs: ResourceNeeds): boolean {
    const { memoryMb, gpuMemoryMb } = this.#options.resources;
    return needs.memoryMb <= memoryMb && (needs.gpuMemoryMb ?? 0) <= gpuMemoryMb;
  }

  /**
   * Puts a task into the queue. How many may wait is for whoever accepts them to say.
   * @returns false, and nothing changes, when the id is known already
   * @throws AppError JOB_TOO_LARGE when this machine could never run it
   */
  scheduleTask(task: ScheduledTask): boolean {
    if (this.has(task.id)) return false;
    if (!this.canEverRun(task.needs)) throw new AppError('JOB_TOO_LARGE', { params: { memoryMb: task.needs.memoryMb } });
    this.#floor.queue.add(task);
    this.#forecast = null;
    return true;
  }

  /** Whether it waits or runs. */
  has(id: string): boolean {
    return this.#floor.queue.has(id) || this.#floor.running.has(id);
  }

  /** The task that is to begin now, with its resources taken; null: none can. Call it until it answers null. */
  next(): GrantedTask | null {
    const task = this.#floor.begin();
    if (task === null) return null;
    this.#startedAt.set(task.id, this.#options.clock.now());
    this.#forecast = null;
    return task;
  }

  /**
   * A task that ran has ended, however: what it had is free.
   * @param outcome what it really took; omitted when its process is gone, and the loaded models with it
   */
  finished(id: string, outcome?: { readonly seconds: number; readonly peakMemoryMb: number }): void {
    const task = this.#floor.end(id, outcome !== undefined);
    this.#startedAt.delete(id);
    if (task === null) return;
    if (outcome !== undefined) this.#pace.learn(task, outcome.seconds, this.#options.clock.now());
    this.#forecast = null;
  }

  /** Takes a task out, queued or running; the caller ends what runs. @returns whether it was there */
  remove(id: string): boolean {
    const ran = this.#floor.running.has(id);
    if (ran) this.finished(id);
    else if (!this.#floor.queue.remove(id)) return false;
    this.#forecast = null;
    return true;
  }

  /** Where a queued task stands; null when it is not in the queue. */
  place(id: string): TaskPlace | null {
    const now = this.#options.clock.now();
    const place = this.#forecastAt(now).places.get(id);
    return place === undefined ? null : toPlace(place, now);
  }

  /** Of every queued task, in the order in which they are to begin. */
  places(): ReadonlyMap<string, TaskPlace> {
    const now = this.#options.clock.now();
    return new Map([...this.#forecastAt(now).places].map(([id, place]): [string, TaskPlace] => [id, toPlace(place, now)]));
  }

  counts(): TaskCounts {
    let oldest: number | null = null;
    for (const { enqueuedAt } of this.#floor.queue.tasks()) oldest = Math.min(oldest ?? enqueuedAt, enqueuedAt);
    return { queued: this.#floor.queue.size, running: this.#floor.running.size, oldestEnqueuedAt: oldest };
  }

  /** Made once for all that ask, until something changes. */
  #forecastAt(now: number): Forecast {
    if (this.#forecast === null || now >= this.#forecast.validUntil)
      this.#forecast = forecastOf(this.#floor, { now, startedAt: this.#startedAt, secondsOf: (task) => this.#pace.secondsOf(task) });
    return this.#forecast;
  }
}

function toPlace({ position, startsAt, endsAt }: ForecastPlace, now: number): TaskPlace {
  return { position, startsInSeconds: secondsUntil(startsAt, now), etaSeconds: secondsUntil(endsAt, now) };
}

function secondsUntil(at: number, now: number): number {
  return Math.max(0, (at - now) / 1000);
}
