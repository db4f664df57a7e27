import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ResourceMonitor, thresholdsOf } from '../../../src/core/index.ts';
import { heapLimitMb, memoryBudget } from '../../../src/infrastructure/process-memory.ts';
import type { Logger } from '../../../src/lib/logger.ts';
import { createFakeClock } from '../../support/fake-clock.ts';

const MB = 1_048_576;

interface World {
  readonly monitor: ResourceMonitor;
  readonly lines: string[];
  readonly told: string[];
  readonly clock: ReturnType<typeof createFakeClock>;
  used: number;
  /** The next sample finds this many MB in use. */
  sees(megabytes: number): Promise<void>;
}

let world: World;

function createWorld(budgetBytes: number | null): World {
  const lines: string[] = [];
  const told: string[] = [];
  const line = (fields: Readonly<Record<string, unknown>>, message: string) => lines.push(`${message}: ${String(fields['state'])}`);
  const logger: Logger = { debug() {}, info: line, warn: line, error: line, child: () => logger };
  const clock = createFakeClock();
  const monitor = new ResourceMonitor({
    budgetBytes,
    measure: async () => made.used,
    onScarce: () => told.push('scarce'),
    onExhausted: () => told.push('exhausted'),
    clock,
    logger,
  });
  const made: World = {
    monitor,
    lines,
    told,
    clock,
    used: 100 * MB,
    async sees(megabytes) {
      made.used = megabytes * MB;
      await monitor.sample();
    },
  };
  return made;
}

describe('the monitor of a budget of 512 MB', () => {
  beforeEach(async () => {
    world = createWorld(512 * MB);
    world.monitor.start();
    await world.monitor.sample();
  });
  afterEach(() => world.monitor.stop());

  it('has room while little is used, and says nothing', () => {
    expect(() => world.monitor.assertRoom()).not.toThrow();
    expect([world.monitor.level, world.monitor.reason, world.lines]).toEqual(['normal', undefined, []]);
  });

  it('refuses what needs memory from 420 MB on, with the time to wait', async () => {
    await world.sees(419);
    expect(() => world.monitor.assertRoom()).not.toThrow();
    await world.sees(420);
    expect(() => world.monitor.assertRoom()).toThrow(expect.objectContaining({ code: 'OVERLOADED', retryAfter: 10 }));
    expect(world.monitor.reason).toContain('420 of 512 MiB');
    expect(world.told).toEqual([]);
  });

  it('asks for slow sockets to go from 460 MB on, again with each sample', async () => {
    await world.sees(460);
    await world.sees(470);
    expect(world.told).toEqual(['scarce', 'scarce']);
    await world.sees(440);
    expect(world.told).toEqual(['scarce', 'scarce', 'scarce']);
    await world.sees(435);
    expect([world.told.length, world.monitor.level]).toEqual([3, 'tight']);
  });

  it('ends the process at 490 MB only when a second look finds the same, and once', async () => {
    await world.sees(495);
    expect([world.monitor.level, world.told]).toEqual(['scarce', ['scarce']]);
    world.clock.advance(500);
    await expect.poll(() => world.told, { interval: 1 }).toEqual(['scarce', 'scarce', 'exhausted']);
    await world.sees(500);
    expect(world.told.filter((each) => each === 'exhausted')).toHaveLength(1);
  });

  it('forgives a peak that is gone at the second look', async () => {
    await world.sees(495);
    await world.sees(300);
    await world.sees(495);
    expect(world.told).not.toContain('exhausted');
  });

  it('writes one line for each change and none while it swings around a threshold', async () => {
    for (const megabytes of [421, 419, 422, 400, 425, 395]) await world.sees(megabytes);
    expect(world.lines).toEqual(['memory runs short: tight', 'memory recovers: normal']);
  });

  it('looks every two seconds by itself', async () => {
    world.used = 430 * MB;
    world.clock.advance(1999);
    expect(world.monitor.level).toBe('normal');
    world.clock.advance(1);
    await expect.poll(() => world.monitor.level, { interval: 1 }).toBe('tight');
  });
});

describe('the budget', () => {
  it('scales the thresholds', () => {
    expect(thresholdsOf(1024 * MB)).toMatchObject({ tight: 840 * MB, scarce: 920 * MB, exhausted: 980 * MB });
  });

  it('is watched by nobody when there is none', async () => {
    const idle = createWorld(null);
    idle.monitor.start();
    await idle.sees(100_000);
    expect([idle.monitor.level, idle.told]).toEqual(['normal', []]);
  });

  it('is what the operator says, else what the container allows, else none', () => {
    const container = { constrained: 512 * MB, total: 16_384 * MB };
    expect(memoryBudget(undefined, container)).toBe(512 * MB);
    expect(memoryBudget(300, container)).toBe(300 * MB);
    expect(memoryBudget(0, container)).toBeNull();
    expect(memoryBudget(undefined, { constrained: 0, total: 16_384 * MB })).toBeNull();
    // What cgroup v2 says for "max".
    expect(memoryBudget(undefined, { constrained: 2 ** 64, total: 16_384 * MB })).toBeNull();
  });

  it('gives the heap half of it, but never less than it needs', () => {
    expect([512, 300, 100].map((megabytes) => heapLimitMb(megabytes * MB))).toEqual([256, 150, 128]);
  });
});
