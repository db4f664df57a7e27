import { describe, expect, it } from 'vitest';
import { Metrics } from '../../../src/core/index.ts';
import { prometheusText } from '../../../src/core/monitoring/prometheus-text.ts';

const metrics = () => new Metrics(0);

describe('the text that Prometheus reads', () => {
  it('writes counters with their labels and escapes what would break a line', () => {
    const registry = metrics();
    const counter = registry.counter({ name: 'jarvis_things_total', help: 'Things, a \\ and\na new line.' });
    counter.add(2, { kind: 'a "b" \\ c\nd' });
    counter.add();
    expect(prometheusText(registry.collect())).toBe(
      [
        '# HELP jarvis_things_total Things, a \\\\ and\\na new line.',
        '# TYPE jarvis_things_total counter',
        'jarvis_things_total{kind="a \\"b\\" \\\\ c\\nd"} 2',
        'jarvis_things_total 1',
        '',
      ].join('\n'),
    );
  });

  it('writes a histogram in cumulative buckets that end at +Inf, with sum and count', () => {
    const registry = metrics();
    const histogram = registry.histogram({ name: 'jarvis_wait_seconds', help: 'Waits.', buckets: [0.1, 1] });
    for (const value of [0.05, 0.1, 0.5, 3, Number.NaN]) histogram.observe(value, { route: '/x' });
    expect(prometheusText(registry.collect()).split('\n').slice(2)).toEqual([
      'jarvis_wait_seconds_bucket{route="/x",le="0.1"} 2',
      'jarvis_wait_seconds_bucket{route="/x",le="1"} 3',
      'jarvis_wait_seconds_bucket{route="/x",le="+Inf"} 4',
      'jarvis_wait_seconds_sum{route="/x"} 3.65',
      'jarvis_wait_seconds_count{route="/x"} 4',
      '',
    ]);
  });

  it('reads gauges when it is asked, and writes numbers that are none as Prometheus does', () => {
    const registry = metrics();
    let value = 1;
    registry.gauge({ name: 'jarvis_level', help: 'Level.' }, () => value);
    value = Number.POSITIVE_INFINITY;
    expect(prometheusText(registry.collect())).toContain('jarvis_level +Inf\n');
    value = Number.NaN;
    expect(prometheusText(registry.collect())).toContain('jarvis_level NaN\n');
  });
});

describe('the registry', () => {
  it('counts the same labels as one series, whatever their order and whichever object they are', () => {
    const registry = metrics();
    const counter = registry.counter({ name: 'jarvis_things_total', help: 'Things.' });
    counter.add(1, { a: '1', b: '2' });
    counter.add(1, { b: '2', a: '1' });
    registry.add('jarvis_things_total', 3, { a: '1', b: '2' });
    registry.add('jarvis_nobody_declared_this_total', 3);
    expect(registry.collect()).toMatchObject([{ samples: [{ value: 5 }] }]);
  });

  it('stops making series when labels grow without end, and goes on counting the known ones', () => {
    const registry = metrics();
    const counter = registry.counter({ name: 'jarvis_things_total', help: 'Things.', maxSeries: 2 });
    for (const kind of ['a', 'b', 'c', 'd', 'a']) counter.add(1, { kind });
    expect(registry.collect()).toMatchObject([
      {
        samples: [
          { labels: { kind: 'a' }, value: 2 },
          { labels: { kind: 'b' }, value: 1 },
        ],
      },
    ]);
  });

  it('refuses a second declaration of a name and never counts down', () => {
    const registry = metrics();
    const counter = registry.counter({ name: 'jarvis_things_total', help: 'Things.' });
    counter.add(-1);
    counter.add(Number.NaN);
    expect(registry.collect()).toMatchObject([{ samples: [{ value: 0 }] }]);
    expect(() => registry.gauge({ name: 'jarvis_things_total', help: 'Again.' }, () => 1)).toThrow('declared twice');
  });
});
