import { describe, expect, it } from 'vitest';
import { AlertGenerator, ModelMonitor, type ModelRun, ThresholdManager } from '../../../src/core/index.ts';
import type { Logger } from '../../../src/lib/logger.ts';
import { createFakeClock } from '../../support/fake-clock.ts';

const good: ModelRun = { outcome: 'succeeded', seconds: 10, expectedSeconds: 10, peakMemoryMb: 200, memoryMb: 400 };

function setUp() {
  const lines: string[] = [];
  const line = (_fields: object, message: string) => void lines.push(message);
  const logger: Logger = { debug() {}, info: line, warn: line, error: line, child: () => logger };
  const monitor = new ModelMonitor();
  const thresholds = new ThresholdManager();
  const alerts = new AlertGenerator({ thresholds, clock: createFakeClock(5), logger });
  const run = (changes: Partial<ModelRun> = {}, times = 1) => {
    for (let time = 0; time < times; time += 1) {
      monitor.record('maxim', { ...good, ...changes });
      const metrics = monitor.collectMetrics('maxim');
      if (metrics !== null) alerts.check('maxim', metrics.latest);
    }
  };
  return { lines, monitor, thresholds, alerts, run };
}

describe('ModelMonitor', () => {
  it('counts what a model took', () => {
    const { monitor, run } = setUp();
    expect(monitor.collectMetrics('maxim')).toBeNull();
    run({ peakMemoryMb: 300 });
    run({ outcome: 'failed', seconds: 1, peakMemoryMb: 0 });
    run({ outcome: 'lost', seconds: 2, peakMemoryMb: 0 });
    expect(monitor.collectMetrics('maxim')).toMatchObject({ runs: 3, failures: 2, lost: 1, seconds: 13, peakMemoryMb: 300 });
    expect([...monitor.all().keys()]).toEqual(['maxim']);
  });

  it('says nothing of what a few runs show', () => {
    const { alerts, run } = setUp();
    run({ outcome: 'failed' }, 3);
    expect(alerts.alerts()).toEqual([]);
    run({ outcome: 'failed' });
    expect(alerts.alerts()).toEqual([{ model: 'maxim', metric: 'failureShare', value: 1, since: 5 }]);
  });
});

describe('AlertGenerator', () => {
  it.each([
    ['failureShare', { outcome: 'failed' }],
    ['lostShare', { outcome: 'lost' }],
    ['memoryShare', { peakMemoryMb: 500 }],
    ['slowness', { seconds: 45 }],
  ] as const)('raises %s once, and clears it once it is well below', (metric, changes) => {
    const { alerts, run, lines } = setUp();
    run({}, 10);
    run(changes, 10);
    expect(alerts.alerts().map((alert) => alert.metric)).toContain(metric);
    expect(lines.filter((each) => each === 'a model needs a look')).toHaveLength(alerts.alerts().length);
    expect(alerts.reasons().join(' ')).toContain('The model maxim: ');
    run({}, 10);
    expect(alerts.alerts()).toEqual([]);
    expect(alerts.reasons()).toEqual([]);
  });

  it('follows a threshold of one model, and does not flap between raising and clearing', () => {
    const { alerts, run, thresholds, lines } = setUp();
    thresholds.setThreshold('maxim', 'slowness', { raise: 1.5, clear: 1.2 });
    expect(() => thresholds.setThreshold('maxim', 'slowness', { raise: 1, clear: 2 })).toThrow(RangeError);
    run({ seconds: 16 }, 10);
    for (let time = 0; time < 10; time += 1) run({ seconds: time % 2 === 0 ? 14 : 16 });
    expect(alerts.alerts().map((alert) => alert.metric)).toEqual(['slowness']);
    expect(lines).toEqual(['a model needs a look']);
  });
});
