import { describe, expect, it } from 'vitest';
import { type ScheduledTask, TaskScheduler, type TaskSchedulerOptions } from '../../../src/core/index.ts';
import { createFakeClock } from '../../support/fake-clock.ts';

function setUp(options: Partial<TaskSchedulerOptions> = {}) {
  const clock = createFakeClock();
  const scheduler = new TaskScheduler({
    clock,
    resources: { cpuThreads: 2, memoryMb: 1024, gpuMemoryMb: 0 },
    concurrency: 1,
    maxQueued: 500,
    maxQueuedPerUser: 50,
    ...options,
  });
  let number = 0;
  const add = (userId: string, changes: Partial<ScheduledTask> = {}): ScheduledTask => {
    number += 1;
    const task: ScheduledTask = {
      id: `${userId}${number}`,
      userId,
      level: 'normal',
      plugin: 'upscale',
      modelKey: 'esrgan',
      needs: { cpuThreads: 1, memoryMb: 256 },
      seconds: 10,
      enqueuedAt: clock.now(),
      ...changes,
    };
    scheduler.scheduleTask(task);
    return task;
  };
  /** Runs one after the other, each as long as was estimated. @returns whose they were, in order */
  const drain = (): ScheduledTask[] => {
    const order: ScheduledTask[] = [];
    for (let task = scheduler.next(); task !== null; task = scheduler.next()) {
      order.push(task);
      clock.advance(task.seconds * 1000);
      scheduler.finished(task.id, { seconds: task.seconds, peakMemoryMb: task.needs.memoryMb });
    }
    return order;
  };
  return { clock, scheduler, add, drain };
}

describe('TaskScheduler', () => {
  it('serves users in turn, whoever came first with how much', () => {
    const { add, drain } = setUp();
    for (const user of ['a', 'b', 'c', 'd', 'e']) for (let job = 0; job < 20; job += 1) add(user);
    const order = drain().map((task) => task.userId);
    expect(order).toHaveLength(100);
    for (let round = 0; round < 20; round += 1) expect(new Set(order.slice(round * 5, round * 5 + 5)).size).toBe(5);
  });

  it('refuses what this machine can never run, and a queue that is full', () => {
    const { add, scheduler } = setUp({ maxQueuedPerUser: 2 });
    expect(() => add('a', { needs: { cpuThreads: 1, memoryMb: 2048 } })).toThrow(expect.objectContaining({ code: 'JOB_TOO_LARGE' }));
    expect(() => add('a', { needs: { cpuThreads: 1, memoryMb: 1, gpuMemoryMb: 1 } })).toThrow(
      expect.objectContaining({ code: 'JOB_TOO_LARGE' }),
    );
    add('a');
    add('a');
    expect(() => scheduler.assertRoom('a')).toThrow(expect.objectContaining({ code: 'QUEUE_FULL' }));
    expect(() => scheduler.assertRoom('b')).not.toThrow();
  });
});
