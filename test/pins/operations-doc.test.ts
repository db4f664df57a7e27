import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readConfig } from '../../src/config.ts';
import {
  AlertGenerator,
  createEventLoopLag,
  declareProcessMetrics,
  Metrics,
  ModelMonitor,
  MultiLevelCache,
  ProcessingOptimizer,
  ThresholdManager,
} from '../../src/core/index.ts';
import { silentLogger } from '../../src/lib/logger.ts';
import { createJobMetrics } from '../../src/services/jobs/job-metrics.ts';
import { overviewKeys } from '../../src/services/operations/overview-numbers.ts';
import { createServerMetrics } from '../../src/services/operations/server-metrics.ts';
import { declareProcessingMetrics } from '../../src/services/processing/processing-metrics.ts';
import { wireInference } from '../../src/wiring/wire-inference.ts';
import { createFakeClock } from '../support/fake-clock.ts';

interface Row {
  readonly name: string;
  readonly type: string;
  readonly labels: string[];
}

/* docs/operations.md against what the server declares. */

const page = readFileSync('docs/operations.md', 'utf8');

/** The cells of the rows of the first table below a heading. */
function tableUnder(heading: string): string[][] {
  const below = page.slice(page.indexOf(`\n${heading}\n`) + heading.length + 2);
  const rows = below
    .split('\n#')[0]
    ?.split('\n')
    .filter((line) => line.startsWith('|'));
  return (rows ?? []).slice(2).map((line) => line.split(/(?<!\\)\|/).map((cell) => cell.trim()));
}

function codesIn(cell: string | undefined): string[] {
  return [...(cell ?? '').matchAll(/`([^`]+)`/g)].map((match) => match[1] ?? '');
}

/** Every metric of the server with its type and the names of its labels, after one of everything has happened. */
function declared(): Row[] {
  const metrics = new Metrics(0);
  declareProcessMetrics(metrics, { version: '1', lag: createEventLoopLag() });
  const none = () => 0;
  const readings = { sockets: none, people: none, generationsRunning: none, storeWaiting: none, passwordsWaiting: none };
  const server = createServerMetrics(metrics, readings, none);
  server.request({ route: '/x', method: 'GET', status: 200, ms: 1 });
  server.frameIn('ping');
  server.socketClosed(1000);
  server.store('get', 'ok', 1);
  const watch = server.generations.started('m');
  watch.piece(1);
  watch.retrying();
  const usage = { inputTokens: 1, outputTokens: 1, thoughtTokens: 1, totalTokens: 3, costMicroUsd: 1 };
  watch.ended({ status: 'failed', usage, faultClass: 'http_503' });
  metrics.add('jarvis_generations_total', 1, { status: 'failed', model: 'm' });
  return collected(metrics);
}

/** Those of image work, after one of everything has happened. */
function declaredOfWork(): Row[] {
  const metrics = new Metrics(0);
  const clock = createFakeClock();
  wireInference(readConfig({}), { logger: silentLogger, clock, metrics });
  const readings = { queued: () => 0, running: () => 0, oldestQueuedAt: () => null, dead: () => 0, now: () => 0 };
  createJobMetrics(metrics, readings).ended({ status: 'succeeded', plugin: 'p', attempts: 1, seconds: 1 });
  metrics.add('jarvis_job_starts_total');
  const monitor = new ModelMonitor();
  const alerts = new AlertGenerator({ thresholds: new ThresholdManager(), clock, logger: silentLogger });
  const run = { outcome: 'failed', seconds: 1, expectedSeconds: 1, peakMemoryMb: 1, memoryMb: 1 } as const;
  for (let time = 0; time < 4; time += 1) monitor.record('m', run);
  for (const [model, { latest }] of monitor.all()) alerts.check(model, latest);
  const cache = new MultiLevelCache({ memoryBytes: 1, maxEntryBytes: 1, below: null, logger: silentLogger });
  const optimizer = new ProcessingOptimizer({ threads: 1, memoryMb: 1, machine: 'm' });
  declareProcessingMetrics(metrics, { monitor, alerts, cache, optimizer });
  return collected(metrics);
}

function collected(metrics: Metrics): Row[] {
  return metrics.collect().map(({ name, type, samples }) => {
    expect(samples.length, name).toBeGreaterThan(0);
    return { name, type, labels: Object.keys(samples[0]?.labels ?? {}).sort() };
  });
}

function rowsUnder(heading: string): { name: string | undefined; type: string | undefined; labels: string[] }[] {
  return tableUnder(heading).map(([, name, type, labels]) => ({ name: codesIn(name)[0], type, labels: codesIn(labels).sort() }));
}

describe('docs/operations.md', () => {
  it('names every metric with its type and labels, in order, and no other', () => {
    expect(rowsUnder('## Metrics')).toEqual(declared());
    expect(rowsUnder('## Metrics of image work')).toEqual(declaredOfWork());
  });

  it('names every number of the overview, and no other', () => {
    const names = tableUnder('## The numbers on the admin page').flatMap(([, name]) => codesIn(name));
    expect(names.sort()).toEqual([...overviewKeys].sort());
  });

  it('speaks of no metric that does not exist', () => {
    const known = new Set([...declared(), ...declaredOfWork()].map(({ name }) => name));
    const spokenOf = [...page.matchAll(/\b(?:jarvis|process)_[a-z_]+/g)].map(([name]) => name.replace(/_(?:bucket|sum|count)$/, ''));
    expect(spokenOf.filter((name) => !known.has(name))).toEqual([]);
  });
});
