import { setImmediate } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Metrics } from '../../../src/core/index.ts';
import { createOtlpExporter } from '../../../src/infrastructure/reporting/otlp-exporter.ts';
import { otlpRequest } from '../../../src/infrastructure/reporting/otlp-request.ts';
import type { Logger } from '../../../src/lib/logger.ts';
import { silentLogger } from '../../../src/lib/logger.ts';
import { type Collector, startCollector } from '../../support/collector.ts';
import { createFakeClock } from '../../support/fake-clock.ts';

function filled(): Metrics {
  const metrics = new Metrics(1000);
  metrics.counter({ name: 'jarvis_things_total', help: 'Things.' }).add(2, { kind: 'a' });
  metrics.counter({ name: 'jarvis_nothing_yet_total', help: 'Nothing.' });
  metrics.gauge({ name: 'process_heap_bytes', help: 'Heap.' }, () => 7);
  const histogram = metrics.histogram({ name: 'jarvis_wait_seconds', help: 'Waits.', buckets: [0.5, 1] });
  for (const value of [0.25, 0.5, 0.75, 2]) histogram.observe(value);
  return metrics;
}

describe('metrics for OpenTelemetry', () => {
  it('are sums, gauges and histograms as OTLP has them in JSON', () => {
    const body = otlpRequest(filled().collect(), { version: '1.2.3', startedAt: 1000, now: 61_000 });
    const times = { startTimeUnixNano: '1000000000', timeUnixNano: '61000000000' };
    expect(body).toEqual({
      resourceMetrics: [
        {
          resource: {
            attributes: [
              { key: 'service.name', value: { stringValue: 'jarvis-argus' } },
              { key: 'service.version', value: { stringValue: '1.2.3' } },
            ],
          },
          scopeMetrics: [
            {
              scope: { name: 'jarvis-argus', version: '1.2.3' },
              metrics: [
                {
                  name: 'jarvis_things_total',
                  description: 'Things.',
                  unit: '1',
                  sum: {
                    dataPoints: [{ attributes: [{ key: 'kind', value: { stringValue: 'a' } }], ...times, asDouble: 2 }],
                    aggregationTemporality: 2,
                    isMonotonic: true,
                  },
                },
                {
                  name: 'process_heap_bytes',
                  description: 'Heap.',
                  unit: 'By',
                  gauge: { dataPoints: [{ attributes: [], timeUnixNano: '61000000000', asDouble: 7 }] },
                },
                {
                  name: 'jarvis_wait_seconds',
                  description: 'Waits.',
                  unit: 's',
                  histogram: {
                    dataPoints: [
                      { attributes: [], ...times, count: '4', sum: 3.5, bucketCounts: ['2', '1', '1'], explicitBounds: [0.5, 1] },
                    ],
                    aggregationTemporality: 2,
                  },
                },
              ],
            },
          ],
        },
      ],
    });
  });
});

describe('the exporter', () => {
  let collector: Collector;
  beforeEach(async () => {
    collector = await startCollector();
  });
  afterEach(() => collector.close());

  function exporter(lines: string[] = []) {
    const clock = createFakeClock();
    const note = (level: string) => (_fields: unknown, message: string) => lines.push(`${level}: ${message}`);
    const logger: Logger = { ...silentLogger, info: note('info'), warn: note('warn') };
    const metrics = filled();
    const made = createOtlpExporter({
      collect: () => metrics.collect(),
      endpoint: `http://127.0.0.1:${collector.port}/base`,
      headers: [['x-api-key', 'secret']],
      version: '1.2.3',
      startedAt: 0,
      clock,
      logger,
    });
    return { clock, made };
  }

  it('sends every minute with the given headers, and once more at the end', async () => {
    const { clock, made } = exporter();
    made.start();
    clock.advance(59_999);
    expect(collector.received).toHaveLength(0);
    clock.advance(1);
    await collector.until(1);
    await made.close();
    await made.close();
    expect(collector.received).toHaveLength(2);
    const [first] = collector.received;
    expect(first?.path).toBe('/base/v1/metrics');
    expect(first?.headers).toMatchObject({ 'content-type': 'application/json', 'x-api-key': 'secret' });
    expect(JSON.parse(first?.body ?? '')).toHaveProperty('resourceMetrics');
    clock.advance(120_000);
    expect(collector.received).toHaveLength(2);
  });

  it('lets a request that hangs go when the server ends: the last one has all the newer numbers', async () => {
    const lines: string[] = [];
    const { clock, made } = exporter(lines);
    made.start();
    const held = collector.hold();
    clock.advance(60_000);
    await held;
    await made.close();
    expect(collector.received).toHaveLength(2);
    expect(lines).toEqual([]);
  });

  it('says once that the collector does not take it and once that it does again', async () => {
    const lines: string[] = [];
    const { clock, made } = exporter(lines);
    made.start();
    collector.answer = { status: 503 };
    while (collector.received.length < 3) {
      // A minute that ends while one is under way is left out.
      clock.advance(60_000);
      await setImmediate();
    }
    collector.answer = { status: 200 };
    await made.close();
    expect(lines.map((line) => line.split(':')[0])).toEqual(['warn', 'info']);
  });

  it('goes to no other address with its key', async () => {
    const lines: string[] = [];
    const { made } = exporter(lines);
    collector.answer = { status: 307, headers: { location: '/elsewhere' } };
    await made.close();
    expect(collector.received.map(({ path }) => path)).toEqual(['/base/v1/metrics']);
    expect(lines).toHaveLength(1);
  });
});
