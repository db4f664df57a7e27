import type { ResourceNeeds } from '../base/resource-aware.ts';
import { CPUAllocator } from '../resources/cpu-allocator.ts';
import { GPUAllocator } from '../resources/gpu-allocator.ts';
import { MemoryAllocator } from '../resources/memory-allocator.ts';
import type { QuotaManager, QuotaSubject } from '../resources/quota-manager.ts';
import { type GrantedNeeds, type GrantedTask, modelsOf, type ScheduledTask } from './scheduled-task.ts';
import { type QueueJudge, type Standing, TaskQueue } from './task-queue.ts';

export interface TaskFloorOptions {
  readonly resources: GrantedNeeds;
  readonly concurrency: number;
}

/** What waits, what runs, and what that leaves free. Knows no time: the scheduler does, and tries on a copy what will happen. */
export class TaskFloor implements QueueJudge {
  readonly queue: TaskQueue;
  readonly running = new Map<string, GrantedTask>();
  readonly #options: TaskFloorOptions;
  readonly #cpu: CPUAllocator;
  readonly #memory: MemoryAllocator;
  readonly #gpu: GPUAllocator;
  readonly #quotas: QuotaManager;
  /** A copy lives only as long as its quotas stay as they are. */
  #countsHeld = true;
  /** The models of processes that wait for work, the latest last. */
  #warm: string[] = [];

  constructor(options: TaskFloorOptions, quotas: QuotaManager, queue = new TaskQueue()) {
    this.#options = options;
    this.#quotas = quotas;
    this.queue = queue;
    this.#cpu = new CPUAllocator(options.resources.cpuThreads);
    this.#memory = new MemoryAllocator(options.resources.memoryMb);
    this.#gpu = new GPUAllocator(options.resources.gpuMemoryMb);
  }

  /** Nothing of it is in use. */
  get free(): GrantedNeeds {
    return { cpuThreads: this.#cpu.free, memoryMb: this.#memory.free, gpuMemoryMb: this.#gpu.free };
  }

  /** Takes the next task out of the queue and what it needs out of the stock; null: none can begin. */
  begin(): GrantedTask | null {
    if (this.running.size >= this.#options.concurrency) return null;
    const task = this.queue.take(this);
    if (task === null) return null;
    const begun = { ...task, granted: this.#needsOf(task) };
    this.#allocate(begun);
    const warm = this.#warm.indexOf(task.modelKey);
    if (warm >= 0) this.#warm.splice(warm, 1);
    else if (this.#warm.length > this.#options.concurrency - this.running.size) this.#warm.shift();
    return begun;
  }

  /** A task that ran is over. @param keepsWarm whether its process lives on with its models */
  end(id: string, keepsWarm: boolean): GrantedTask | null {
    const task = this.running.get(id);
    if (task === undefined) return null;
    this.running.delete(id);
    for (const allocator of [this.#cpu, this.#memory, this.#gpu]) allocator.release(id);
    if (this.#countsHeld) this.#quotas.giveBack(subjectsOf(task), task.granted);
    if (keepsWarm && task.modelKey !== '') this.#warm.push(task.modelKey);
    return task;
  }

  standing(task: ScheduledTask): Standing {
    const fits = this.#fits(task.needs);
    if (!this.#quotas.hasQuotas) return fits ? 'fits' : 'full';
    if (this.#quotas.isWithin(subjectsOf(task), this.#needsOf(task))) return fits ? 'fits' : 'full';
    return fits && this.#quotas.lends ? 'lent' : 'held';
  }

  get hasWarm(): boolean {
    return this.#warm.length > 0;
  }

  isWarm(task: ScheduledTask): boolean {
    return task.modelKey !== '' && this.#warm.includes(task.modelKey);
  }

  copy(): TaskFloor {
    const copy = new TaskFloor(this.#options, this.#quotas.copy(), this.queue.copy());
    for (const task of this.running.values()) copy.#occupy(task);
    copy.#warm = [...this.#warm];
    copy.#countsHeld = this.#quotas.hasQuotas;
    return copy;
  }

  #allocate(task: GrantedTask): void {
    this.#occupy(task);
    if (this.#countsHeld) this.#quotas.take(subjectsOf(task), task.granted);
  }

  #occupy(task: GrantedTask): void {
    this.#cpu.allocate(task.id, task.granted.cpuThreads);
    this.#memory.allocate(task.id, task.granted.memoryMb);
    this.#gpu.allocate(task.id, task.granted.gpuMemoryMb);
    this.running.set(task.id, task);
  }

  #fits({ cpuThreads, memoryMb, gpuMemoryMb = 0 }: ResourceNeeds): boolean {
    const threads = Math.min(cpuThreads, this.#cpu.total);
    return threads <= this.#cpu.free && memoryMb <= this.#memory.free && gpuMemoryMb <= this.#gpu.free;
  }

  /** Who asks for more threads than there are gets all of them. */
  #needsOf({ needs }: ScheduledTask): GrantedNeeds {
    return {
      cpuThreads: Math.min(needs.cpuThreads, this.#cpu.total),
      memoryMb: needs.memoryMb,
      gpuMemoryMb: needs.gpuMemoryMb ?? 0,
    };
  }
}

function subjectsOf(task: ScheduledTask): QuotaSubject[] {
  return [`user:${task.userId}`, `plugin:${task.plugin}`, ...modelsOf(task.modelKey).map((model): QuotaSubject => `model:${model}`)];
}
