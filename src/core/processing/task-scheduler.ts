import { AppError } from '../../lib/app-error.ts';
import type { Clock } from '../../lib/clock.ts';
import type { WorkLevel } from '../base/processor-interface.ts';
import type { ResourceNeeds } from '../base/resource-aware.ts';
import { CPUAllocator } from '../resources/cpu-allocator.ts';
import { GPUAllocator } from '../resources/gpu-allocator.ts';
import { MemoryAllocator } from '../resources/memory-allocator.ts';

/** Work that waits for its turn. */
export interface ScheduledTask {
  /** Unique among the tasks of the scheduler. */
  readonly id: string;
  readonly userId: string;
  readonly level: WorkLevel;
  readonly plugin: string;
  /** Names of the models that it loads, sorted and joined; tasks with the same key are kept together. Empty: none. */
  readonly modelKey: string;
  readonly needs: ResourceNeeds;
  /** How long it is expected to run, in seconds. */
  readonly seconds: number;
  /** Epoch milliseconds. */
  readonly enqueuedAt: number;
}

/** What a task was given for its run. */
export type GrantedNeeds = Required<ResourceNeeds>;

export type GrantedTask = ScheduledTask & { readonly granted: GrantedNeeds };

/** Where a queued task stands. */
export interface TaskPlace {
  /** 1: the next to begin. */
  readonly position: number;
  /** Until it is expected to begin, in seconds, not negative. */
  readonly etaSeconds: number;
}

export interface TaskSchedulerOptions {
  readonly clock: Pick<Clock, 'now'>;
  /** What tasks may use together. */
  readonly resources: GrantedNeeds;
  /** How many tasks may run at once, at least 1. */
  readonly concurrency: number;
  /** The most tasks that wait, in all and of one user. 0: any number. */
  readonly maxQueued: number;
  readonly maxQueuedPerUser: number;
}

interface Running {
  readonly task: GrantedTask;
  readonly startedAt: number;
}

const ranks: Readonly<Record<WorkLevel, number>> = { quick: 0, normal: 1, deep: 2 };

/**
 * Decides which waiting task runs next: users in turn, and of one user quick work before normal before deep. A task runs when what
 * it needs is free; until then it waits. Pure and synchronous: it starts nothing and keeps no timer.
 */
export class TaskScheduler {
  readonly #options: TaskSchedulerOptions;
  readonly #cpu: CPUAllocator;
  readonly #memory: MemoryAllocator;
  readonly #gpu: GPUAllocator;
  readonly #queued = new Map<string, ScheduledTask>();
  readonly #running = new Map<string, Running>();
  /** Who was served last stands at the end. */
  #turns: string[] = [];

  constructor(options: TaskSchedulerOptions) {
    this.#options = options;
    this.#cpu = new CPUAllocator(options.resources.cpuThreads);
    this.#memory = new MemoryAllocator(options.resources.memoryMb);
    this.#gpu = new GPUAllocator(options.resources.gpuMemoryMb);
  }

  /** Whether this machine has what the task needs when nothing else runs. More threads than there are is no obstacle: it gets all. */
  canEverRun(needs: ResourceNeeds): boolean {
    return needs.memoryMb <= this.#memory.total && (needs.gpuMemoryMb ?? 0) <= this.#gpu.total;
  }

  /** Before a task is stored. @throws AppError QUEUE_FULL with the seconds until a place is free */
  assertRoom(userId: string): void {
    const { maxQueued, maxQueuedPerUser } = this.#options;
    const own = [...this.#queued.values()].filter((task) => task.userId === userId).length;
    const full = (maxQueued > 0 && this.#queued.size >= maxQueued) || (maxQueuedPerUser > 0 && own >= maxQueuedPerUser);
    if (full) throw new AppError('QUEUE_FULL', { retryAfter: 10 });
  }

  /**
   * Puts a task into the queue; what is accepted is not refused here for want of room (see `assertRoom`).
   * @returns false, and nothing changes, when the id is known already
   * @throws AppError JOB_TOO_LARGE when this machine could never run it
   */
  scheduleTask(task: ScheduledTask): boolean {
    if (this.has(task.id)) return false;
    if (!this.canEverRun(task.needs)) throw new AppError('JOB_TOO_LARGE', { params: { memoryMb: task.needs.memoryMb } });
    this.#queued.set(task.id, task);
    if (!this.#turns.includes(task.userId)) this.#turns.push(task.userId);
    return true;
  }

  has(id: string): boolean {
    return this.#queued.has(id) || this.#running.has(id);
  }

  /** The task that is to begin now, with its resources taken; null: none can. Call it until it answers null. */
  next(): GrantedTask | null {
    if (this.#running.size >= this.#options.concurrency) return null;
    for (const task of this.#inOrder()) {
      const granted = this.#grant(task);
      if (granted === null) continue;
      this.#queued.delete(task.id);
      this.#turns = [...this.#turns.filter((user) => user !== task.userId), task.userId];
      const begun = { ...task, granted };
      this.#running.set(task.id, { task: begun, startedAt: this.#options.clock.now() });
      return begun;
    }
    return null;
  }

  /** A task that ran has ended, however: its resources are free. @param outcome what it really took, where that is known */
  finished(id: string, _outcome?: { readonly seconds: number; readonly peakMemoryMb: number }): void {
    this.remove(id);
  }

  /** Takes a task out, queued or running; the caller ends what runs. @returns whether it was there */
  remove(id: string): boolean {
    for (const allocator of [this.#cpu, this.#memory, this.#gpu]) allocator.release(id);
    return this.#queued.delete(id) || this.#running.delete(id);
  }

  /** Where a queued task stands; null when it is not in the queue. */
  place(id: string): TaskPlace | null {
    return this.places().get(id) ?? null;
  }

  /** Of every queued task, in the order in which they are to begin. */
  places(): ReadonlyMap<string, TaskPlace> {
    const places = new Map<string, TaskPlace>();
    const now = this.#options.clock.now();
    const left = [...this.#running.values()].map((run) => Math.max(0, run.task.seconds - (now - run.startedAt) / 1000));
    let seconds = left.reduce((sum, each) => sum + each, 0);
    for (const task of this.#inOrder()) {
      places.set(task.id, { position: places.size + 1, etaSeconds: seconds / this.#options.concurrency });
      seconds += task.seconds;
    }
    return places;
  }

  /** @returns `oldestEnqueuedAt` of the queue, in epoch milliseconds; null when it is empty */
  counts(): { queued: number; running: number; oldestEnqueuedAt: number | null } {
    const times = [...this.#queued.values()].map((task) => task.enqueuedAt);
    return { queued: this.#queued.size, running: this.#running.size, oldestEnqueuedAt: times.length === 0 ? null : Math.min(...times) };
  }

  #grant(task: ScheduledTask): GrantedNeeds | null {
    const cpuThreads = Math.min(task.needs.cpuThreads, this.#cpu.total);
    const granted = { cpuThreads, memoryMb: task.needs.memoryMb, gpuMemoryMb: task.needs.gpuMemoryMb ?? 0 };
    const fits = cpuThreads <= this.#cpu.free && granted.memoryMb <= this.#memory.free && granted.gpuMemoryMb <= this.#gpu.free;
    if (!fits) return null;
    this.#cpu.allocate(task.id, cpuThreads);
    this.#memory.allocate(task.id, granted.memoryMb);
    this.#gpu.allocate(task.id, granted.gpuMemoryMb);
    return granted;
  }

  /** Users in turn; of each user by level, then by age. */
  #inOrder(): ScheduledTask[] {
    const lines = this.#turns.map((user) =>
      [...this.#queued.values()]
        .filter((task) => task.userId === user)
        .sort((a, b) => ranks[a.level] - ranks[b.level] || a.enqueuedAt - b.enqueuedAt),
    );
    const longest = Math.max(0, ...lines.map((line) => line.length));
    return Array.from({ length: longest }, (_, round) => lines.flatMap((line) => line[round] ?? [])).flat();
  }
}
