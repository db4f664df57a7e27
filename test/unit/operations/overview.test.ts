import { describe, expect, it } from 'vitest';
import { Metrics } from '../../../src/core/index.ts';
import { overviewSchema } from '../../../src/protocol/index.ts';
import { createOverview } from '../../../src/services/operations/overview.ts';
import { createServerMetrics } from '../../../src/services/operations/server-metrics.ts';
import { createFakeClock } from '../../support/fake-clock.ts';

function setUp(start = Date.UTC(2026, 10, 22, 12)) {
  const clock = createFakeClock(start);
  const metrics = new Metrics(clock.now());
  const levels = { sockets: 0, running: 0 };
  const server = createServerMetrics(
    metrics,
    {
      sockets: () => levels.sockets,
      people: () => 1,
      generationsRunning: () => levels.running,
      storeWaiting: () => 2,
      passwordsWaiting: () => 3,
    },
    () => clock.now(),
  );
  let costToday = () => Promise.resolve(0);
  const overview = createOverview({
    collect: () => metrics.collect(),
    store: () => ({ kind: 'embedded', ready: true }),
    readiness: () => ({ ready: false, reasons: ['The server is starting.'] }),
    costToday: () => costToday(),
    version: '1.2.3',
    startedAt: clock.now(),
    clock,
  });
  const step = (count = 1) => {
    for (let done = 0; done < count; done += 1) {
      clock.advance(10_000);
      overview.sample();
    }
  };
  /** An answer of `characters` that began to come after `firstMs`. */
  const answer = ({ firstMs = 500, characters = 400, status = 'complete' as const }) => {
    const watch = server.generations.started('m');
    clock.advance(firstMs);
    watch.piece(characters);
    const usage = { inputTokens: 1, outputTokens: 1, thoughtTokens: 0, totalTokens: 2, costMicroUsd: 5 };
    watch.ended({ status, usage });
    metrics.add('jarvis_generations_total', 1, { status, model: 'm' });
  };
  const cost = (read: () => Promise<number>) => {
    costToday = read;
  };
  return { cost, clock, metrics, levels, server, overview, step, answer };
}

describe('the overview', () => {
  it('has levels from the first moment and leaves out what needs two points', async () => {
    const { overview, levels } = setUp();
    levels.sockets = 4;
    const seen = await overview.read();
    expect(overviewSchema.parse(seen)).toEqual(seen);
    expect(seen).toMatchObject({ version: '1.2.3', uptimeSeconds: 0, ready: false, reasons: ['The server is starting.'] });
    expect(seen.numbers).toMatchObject({ sockets: 4, people: 1, storeQueue: 2, hashQueue: 3 });
    expect(seen.numbers).not.toHaveProperty('answersPerMinute');
    expect(seen.series.at).toEqual([]);
  });

  it('tells rates over time, not totals', async () => {
    const { overview, server, step, answer } = setUp();
    step();
    answer({ firstMs: 0 });
    for (let count = 0; count < 3; count += 1) server.request({ route: '/x', method: 'GET', status: 200, ms: 4 });
    server.store('get', 'ok', 2);
    server.store('batch', 'ok', 4);
    step(2);
    const { numbers, series } = await overview.read();
    expect(numbers['answersPerMinute']).toBeCloseTo(2);
    expect(numbers['requestsPerMinute']).toBeCloseTo(6);
    expect(numbers['tokensPerSecond']).toBe(0);
    expect(series.values['tokensPerSecond']).toEqual([0, 10, 0]);
    expect(series.values['storeMs']).toEqual([null, 3, null]);
    expect(numbers).not.toHaveProperty('storeMs');
    step(6);
    expect((await overview.read()).numbers['answersPerMinute']).toBe(0);
  });

  it('shows the median of the first tokens of the last minutes, and forgets it after them', async () => {
    const { overview, step, answer } = setUp();
    for (const firstMs of [300, 400, 450, 9000]) answer({ firstMs });
    step();
    const median = (await overview.read()).numbers['firstTokenMs'] ?? 0;
    expect(median).toBeGreaterThan(250);
    expect(median).toBeLessThanOrEqual(500);
    step(30);
    expect((await overview.read()).numbers).not.toHaveProperty('firstTokenMs');
  });

  it('tells the cost that the store knows, and the last known one while the store is away', async () => {
    const { overview, cost } = setUp();
    cost(() => Promise.resolve(1500));
    expect((await overview.read()).numbers['costTodayMicroUsd']).toBe(1500);
    cost(() => Promise.reject(new Error('away')));
    expect((await overview.read()).numbers['costTodayMicroUsd']).toBe(1500);
  });

  it('keeps the last hour, oldest first, and no more', async () => {
    const { overview, step, levels, clock } = setUp();
    for (let point = 1; point <= 370; point += 1) {
      levels.sockets = point;
      step();
    }
    const { series } = await overview.read();
    expect(series.at).toHaveLength(360);
    expect(series.values['sockets']?.[0]).toBe(11);
    expect(series.values['sockets']?.at(-1)).toBe(370);
    expect(Date.parse(series.at.at(-1) ?? '')).toBe(clock.now());
    expect(Date.parse(series.at[0] ?? '')).toBe(clock.now() - 359 * 10_000);
  });
});

describe('what becomes a label', () => {
  it('is never what a peer made up', () => {
    const { server, metrics } = setUp();
    server.socketClosed(4999);
    server.socketClosed(1001);
    server.request({ route: '/x', method: 'CANARY', status: 404, ms: 1 });
    server.generations.started('m').ended({ status: 'failed', faultClass: 'CANARY of a service' });
    const labels = JSON.stringify(metrics.collect());
    expect(labels).not.toContain('CANARY');
    expect(labels).not.toContain('4999');
    expect(labels).toContain('1001');
  });
});
