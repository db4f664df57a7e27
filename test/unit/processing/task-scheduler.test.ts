import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type GrantedTask,
  modelKeyOf,
  QuotaManager,
  type ScheduledTask,
  TaskScheduler,
  type TaskSchedulerOptions,
} from '../../../src/core/index.ts';
import { createFakeClock } from '../../support/fake-clock.ts';

const resources = { cpuThreads: 4, memoryMb: 1024, gpuMemoryMb: 512 };
const plain: ScheduledTask = {
  id: '',
  userId: 'a',
  level: 'normal',
  plugin: 'upscale',
  modelKey: 'esrgan',
  needs: { cpuThreads: 1, memoryMb: 256 },
  seconds: 10,
  enqueuedAt: 0,
};

function setUp(options: Partial<TaskSchedulerOptions> = {}) {
  const clock = createFakeClock();
  const scheduler = new TaskScheduler({ clock, resources, concurrency: 1, ...options });
  const running: { task: GrantedTask; endsAt: number }[] = [];
  let number = 0;
  const add = (userId: string, changes: Partial<ScheduledTask> = {}): string => {
    number += 1;
    const id = `${userId}${number}`;
    scheduler.scheduleTask({ ...plain, id, userId, enqueuedAt: clock.now(), ...changes });
    return id;
  };
  /** Begins what can begin. @returns what did */
  const begin = (): GrantedTask[] => {
    const begun: GrantedTask[] = [];
    for (let task = scheduler.next(); task !== null; task = scheduler.next()) {
      begun.push(task);
      running.push({ task, endsAt: clock.now() + task.seconds * 1000 });
    }
    return begun;
  };
  /** Lets the time pass until the next running task ends, as it was expected to. */
  const endOne = (): void => {
    running.sort((a, b) => a.endsAt - b.endsAt);
    const ended = running.shift();
    if (ended === undefined) return;
    clock.advance(Math.max(0, ended.endsAt - clock.now()));
    scheduler.finished(ended.task.id, { seconds: ended.task.seconds, peakMemoryMb: ended.task.needs.memoryMb });
  };
  /** Until nothing waits or runs. @returns the tasks in the order in which they began, with the time */
  const drain = (): (GrantedTask & { at: number })[] => {
    const order: (GrantedTask & { at: number })[] = [];
    do {
      order.push(...begin().map((task) => ({ ...task, at: clock.now() })));
      endOne();
    } while (running.length > 0 || scheduler.counts().queued > 0);
    return order;
  };
  return { clock, scheduler, running, add, begin, endOne, drain };
}

const anyTask = fc.record({
  userId: fc.constantFrom('a', 'b', 'c', 'd'),
  level: fc.constantFrom('quick' as const, 'normal' as const, 'deep' as const),
  plugin: fc.constantFrom('upscale', 'restore'),
  modelKey: fc.constantFrom('', 'esrgan', 'maxim', 'maxim+esrgan'),
  needs: fc.record({
    cpuThreads: fc.integer({ min: 1, max: 6 }),
    memoryMb: fc.integer({ min: 1, max: 1024 }),
    gpuMemoryMb: fc.constantFrom(0, 0, 200, 512),
  }),
  seconds: fc.integer({ min: 1, max: 600 }),
});

function anyQuotas(lends: boolean): QuotaManager {
  const quotas = new QuotaManager({ lends });
  quotas.setQuota('user:*', 2, 512);
  quotas.setQuota('plugin:restore', 1, 300, 200);
  quotas.setQuota('model:maxim', 1, 400);
  return quotas;
}

describe('the queue of tasks', () => {
  it('serves users in turn, whoever came first with how much', () => {
    const { add, drain } = setUp();
    for (const user of ['a', 'b', 'c', 'd', 'e']) for (let job = 0; job < 20; job += 1) add(user);
    const order = drain().map((task) => task.userId);
    expect(order).toHaveLength(100);
    for (let round = 0; round < 20; round += 1) expect(new Set(order.slice(round * 5, round * 5 + 5)).size).toBe(5);
  });

  it('gives somebody who comes later their turn in the round that is being served', () => {
    const { add, begin, endOne } = setUp();
    for (let job = 0; job < 5; job += 1) add('a');
    begin();
    add('b');
    endOne();
    expect(begin()[0]?.userId).toBe('b');
  });

  it('gives no further turn to somebody who brings tasks one by one', () => {
    const { add, begin, endOne } = setUp();
    for (let job = 0; job < 3; job += 1) add('b');
    const order: (string | undefined)[] = [];
    for (let turn = 0; turn < 6; turn += 1) {
      if (order.at(-1) !== 'b') add('a');
      order.push(begin()[0]?.userId);
      endOne();
    }
    expect(order.filter((user) => user === 'b')).toHaveLength(3);
    expect(order.join('')).not.toContain('aa');
  });

  it('never takes more than there is, and serves everything in the end', () => {
    const step = fc.oneof(
      fc.record({ do: fc.constant('add' as const), task: anyTask }),
      fc.record({ do: fc.constantFrom('begin' as const, 'end' as const, 'remove' as const, 'lose' as const), pick: fc.nat() }),
    );
    const shares = fc.constantFrom(undefined, true, false);
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), fc.integer({ min: 1, max: 5 }), shares, (steps, concurrency, lends) => {
        const quotas = lends === undefined ? {} : { quotas: anyQuotas(lends) };
        const { scheduler, add, begin, endOne, running, drain } = setUp({ concurrency, ...quotas });
        const known = new Set<string>();
        const seen = new Set<string>();
        const check = () => {
          const sums = { cpuThreads: 0, memoryMb: 0, gpuMemoryMb: 0 };
          for (const { task } of running)
            for (const key of ['cpuThreads', 'memoryMb', 'gpuMemoryMb'] as const) sums[key] += task.granted[key];
          expect(running.length).toBeLessThanOrEqual(concurrency);
          for (const key of ['cpuThreads', 'memoryMb', 'gpuMemoryMb'] as const) {
            expect(sums[key]).toBeLessThanOrEqual(resources[key]);
            expect(scheduler.free[key]).toBe(resources[key] - sums[key]);
          }
          const places = [...scheduler.places().values()];
          expect(places.map((place) => place.position)).toEqual(places.map((_, index) => index + 1));
          expect(places).toHaveLength(scheduler.counts().queued);
          for (const [index, place] of places.entries())
            expect(place.startsInSeconds).toBeGreaterThanOrEqual(places[index - 1]?.startsInSeconds ?? 0);
        };
        for (const each of steps) {
          if (each.do === 'add') known.add(add(each.task.userId, each.task));
          else if (each.do === 'begin') for (const task of begin()) seen.add(task.id);
          else if (each.do === 'end') endOne();
          else if (each.do === 'remove') {
            const id = [...known][each.pick % Math.max(1, known.size)];
            if (id !== undefined && scheduler.remove(id)) {
              known.delete(id);
              running.splice(0, running.length, ...running.filter(({ task }) => task.id !== id));
            }
          } else {
            const lost = running.splice(each.pick % Math.max(1, running.length), 1)[0];
            if (lost !== undefined) scheduler.finished(lost.task.id);
          }
          check();
        }
        for (const task of drain()) {
          expect(seen.has(task.id)).toBe(false);
          seen.add(task.id);
        }
        for (const id of known) expect(seen.has(id)).toBe(true);
        expect(scheduler.free).toEqual(resources);
      }),
      { numRuns: 200 },
    );
  });

  it('says the very order and times in which tasks begin when each takes what was expected', () => {
    fc.assert(
      fc.property(fc.array(anyTask, { maxLength: 40 }), fc.integer({ min: 1, max: 4 }), fc.boolean(), (tasks, concurrency, shares) => {
        const { scheduler, clock, add, begin, drain } = setUp({ concurrency, ...(shares ? { quotas: anyQuotas(true) } : {}) });
        for (const task of tasks) add(task.userId, task);
        begin();
        const now = clock.now();
        const foretold = [...scheduler.places()].map(([id, { startsInSeconds, etaSeconds }]) => ({ id, startsInSeconds, etaSeconds }));
        const real = drain().map(({ id, at, seconds }) => ({
          id,
          startsInSeconds: (at - now) / 1000,
          etaSeconds: (at - now) / 1000 + seconds,
        }));
        expect(real).toEqual(foretold);
      }),
      { numRuns: 200 },
    );
  });

  it('lets nobody who waits fall more than one turn behind', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('a', 'b', 'c', 'd'), { minLength: 1, maxLength: 60 }), (users) => {
        const { add, drain } = setUp();
        const left = new Map<string, number>();
        const served = new Map<string, number>();
        for (const user of users) {
          add(user);
          left.set(user, (left.get(user) ?? 0) + 1);
        }
        for (const { userId } of drain()) {
          served.set(userId, (served.get(userId) ?? 0) + 1);
          left.set(userId, (left.get(userId) ?? 0) - 1);
          const waiting = [...left].filter(([, count]) => count > 0).map(([user]) => served.get(user) ?? 0);
          const most = Math.max(...served.values());
          for (const count of waiting) expect(most - count).toBeLessThanOrEqual(1);
        }
      }),
    );
  });
});

describe('priority and look-ahead', () => {
  it('takes quick work before normal before deep, of one user and within a round', () => {
    const { add, drain } = setUp();
    const deep = add('a', { level: 'deep' });
    const normal = add('b', { level: 'normal' });
    const quick = add('c', { level: 'quick' });
    const own = [add('d', { level: 'deep' }), add('d', { level: 'quick' })];
    expect(drain().map((task) => task.id)).toEqual([quick, own[1], normal, deep, own[0]]);
  });

  it('starves no task: not behind quick work, not behind loaded models, not behind smaller ones', () => {
    for (const changes of [
      { level: 'deep' as const },
      { modelKey: 'maxim' },
      { needs: { cpuThreads: 1, memoryMb: 1024 }, modelKey: 'maxim' },
    ]) {
      const { add, begin, endOne } = setUp({ concurrency: 3 });
      const flood = ['x', 'y', 'z'];
      for (const user of flood) add(user, { level: 'quick', seconds: 3 + flood.indexOf(user) });
      begin();
      const id = add('a', changes);
      let begun = 0;
      for (let found = false; !found; endOne()) {
        for (const user of flood) add(user, { level: 'quick', seconds: 3 + flood.indexOf(user) });
        const tasks = begin();
        found = tasks.some((task) => task.id === id);
        begun += tasks.length;
        // Three who flood it, eight passes, and who began in the same moment.
        expect(begun).toBeLessThanOrEqual(16);
      }
    }
  });

  it('starves no work of the same user either', () => {
    const { add, begin, endOne } = setUp();
    const id = add('a', { level: 'deep' });
    const order: string[] = [];
    while (order.at(-1) !== id) {
      add('a', { level: 'quick' });
      order.push(...begin().map((task) => task.id));
      endOne();
      expect(order.length).toBeLessThanOrEqual(25);
    }
  });

  it('changes models less often than the turns do, and keeps the turns', () => {
    const { add, drain } = setUp();
    const users = ['a', 'b', 'c', 'd', 'e'];
    for (let job = 0; job < 20; job += 1)
      for (const [index, user] of users.entries()) add(user, { modelKey: (job + index) % 2 === 0 ? 'esrgan' : 'maxim' });
    const order = drain();
    for (let round = 0; round < 20; round += 1)
      expect(new Set(order.slice(round * 5, round * 5 + 5).map((task) => task.userId)).size).toBe(5);
    const swaps = order.filter((task, index) => index > 0 && task.modelKey !== order[index - 1]?.modelKey).length;
    // In turn without a look ahead each of the 99 changes of task but a few would be one of models.
    expect(swaps).toBeLessThanOrEqual(30);
  });

  it('names a set of models alike in any order', () => {
    expect(modelKeyOf(['b', 'a', 'b'])).toBe(modelKeyOf(['a', 'b']));
    expect(modelKeyOf([])).toBe('');
  });
});

describe('room and time', () => {
  it('refuses what this machine can never run', () => {
    const { add, scheduler } = setUp();
    expect(() => add('a', { needs: { cpuThreads: 1, memoryMb: 2048 } })).toThrow(expect.objectContaining({ code: 'JOB_TOO_LARGE' }));
    expect(scheduler.canEverRun({ cpuThreads: 1, memoryMb: 1, gpuMemoryMb: 513 })).toBe(false);
  });

  it('gives all threads to who asks for more than there are', () => {
    const { add, begin } = setUp();
    add('a', { needs: { cpuThreads: 64, memoryMb: 1 } });
    expect(begin()[0]?.granted).toEqual({ cpuThreads: 4, memoryMb: 1, gpuMemoryMb: 0 });
  });

  it('lets a smaller task begin while a bigger one waits for memory', () => {
    const { add, begin } = setUp({ concurrency: 3 });
    add('a', { needs: { cpuThreads: 1, memoryMb: 700 } });
    add('b', { needs: { cpuThreads: 1, memoryMb: 700 } });
    add('c', { needs: { cpuThreads: 1, memoryMb: 300 } });
    expect(begin().map((task) => task.userId)).toEqual(['a', 'c']);
  });

  it('corrects the time of what waits by what its like really took', () => {
    const { add, begin, clock, scheduler } = setUp();
    const [first, , last] = [add('a'), add('a'), add('a')];
    begin();
    expect(scheduler.place(last)).toEqual({ position: 2, startsInSeconds: 20, etaSeconds: 30 });
    clock.advance(30_000);
    scheduler.finished(first, { seconds: 30, peakMemoryMb: 1 });
    begin();
    expect(scheduler.place(last)).toEqual({ position: 1, startsInSeconds: 30, etaSeconds: 60 });
    clock.advance(5000);
    expect(scheduler.place(last)?.startsInSeconds).toBe(25);
    const newer = add('a', { seconds: 29 });
    expect(scheduler.place(newer)).toMatchObject({ startsInSeconds: 55, etaSeconds: 84 });
  });

  it('promises no beginning in the past when a task takes longer than expected', () => {
    const { add, begin, clock, scheduler } = setUp();
    add('a');
    const waiting = add('a');
    begin();
    clock.advance(100_000);
    expect(scheduler.place(waiting)?.startsInSeconds).toBeCloseTo(10);
  });

  it('knows an id once, and forgets what is taken out', () => {
    const { add, begin, scheduler } = setUp();
    const id = add('a');
    expect(scheduler.scheduleTask({ ...plain, id })).toBe(false);
    expect(scheduler.counts()).toMatchObject({ queued: 1, running: 0 });
    begin();
    expect(scheduler.place(id)).toBeNull();
    expect(scheduler.remove(id)).toBe(true);
    expect(scheduler.remove(id)).toBe(false);
    expect(scheduler.counts()).toEqual({ queued: 0, running: 0, oldestEnqueuedAt: null });
    expect(scheduler.free).toEqual(resources);
  });
});

describe('quotas', () => {
  const threads = (cpuThreads: number) => ({ needs: { cpuThreads, memoryMb: 1 } });

  it('lends an idle share, and takes it back as soon as its owner comes', () => {
    const quotas = new QuotaManager();
    quotas.setQuota('user:*', 2, 1024);
    const { add, begin, endOne, running } = setUp({ concurrency: 4, quotas });
    for (let job = 0; job < 8; job += 1) add('a', { ...threads(1), seconds: job + 1 });
    expect(begin()).toHaveLength(4);
    for (let job = 0; job < 4; job += 1) add('b', { ...threads(1), seconds: 100 });
    endOne();
    expect(begin().map((task) => task.userId)).toEqual(['b']);
    endOne();
    expect(begin().map((task) => task.userId)).toEqual(['b']);
    endOne();
    expect(begin().map((task) => task.userId)).toEqual(['a']);
    expect(running.filter(({ task }) => task.userId === 'b')).toHaveLength(2);
  });

  it('lends nothing while an owner waits for what is in use', () => {
    const quotas = new QuotaManager();
    quotas.setQuota('plugin:imagine', 1, 1024);
    const { add, begin, endOne } = setUp({ concurrency: 4, quotas });
    add('a', { ...threads(1), plugin: 'imagine', seconds: 1 });
    add('a', { ...threads(2), plugin: 'imagine', seconds: 50 });
    begin();
    add('b', { ...threads(4), plugin: 'upscale' });
    add('a', { ...threads(1), plugin: 'imagine' });
    expect(begin()).toEqual([]);
    endOne();
    expect(begin()).toEqual([]);
    endOne();
    expect(begin().map((task) => task.userId)).toEqual(['b']);
  });

  it('keeps a share shut that is not lent, but lets its owner always run one task', () => {
    const quotas = new QuotaManager({ lends: false });
    quotas.setQuota('model:maxim', 1, 100);
    const { add, begin, endOne } = setUp({ concurrency: 4, quotas });
    for (const user of ['a', 'b']) add(user, { modelKey: modelKeyOf(['maxim', 'esrgan']), needs: { cpuThreads: 2, memoryMb: 512 } });
    expect(begin()).toHaveLength(1);
    endOne();
    expect(begin()).toHaveLength(1);
  });
});
