import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { createEventLoopLag, declareProcessMetrics, Metrics } from '../../src/core/index.ts';
import { overviewKeys } from '../../src/services/operations/overview-numbers.ts';
import { createServerMetrics } from '../../src/services/operations/server-metrics.ts';

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
function declared(): { name: string; type: string; labels: string[] }[] {
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
  return metrics.collect().map(({ name, type, samples }) => {
    expect(samples.length, name).toBeGreaterThan(0);
    return { name, type, labels: Object.keys(samples[0]?.labels ?? {}).sort() };
  });
}

describe('docs/operations.md', () => {
  it('names every metric with its type and labels, in order, and no other', () => {
    const rows = tableUnder('## Metrics').map(([, name, type, labels]) => ({
      name: codesIn(name)[0],
      type,
      labels: codesIn(labels).sort(),
    }));
    expect(rows).toEqual(declared());
  });

  it('names every number of the overview, and no other', () => {
    const names = tableUnder('## The numbers on the admin page').flatMap(([, name]) => codesIn(name));
    expect(names.sort()).toEqual([...overviewKeys].sort());
  });

  it('speaks of no metric that does not exist', () => {
    const known = new Set(declared().map(({ name }) => name));
    const spokenOf = [...page.matchAll(/\b(?:jarvis|process)_[a-z_]+/g)].map(([name]) => name.replace(/_(?:bucket|sum|count)$/, ''));
    expect(spokenOf.filter((name) => !known.has(name))).toEqual([]);
  });
});
