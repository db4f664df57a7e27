import type { Labels, MetricSnapshot } from '../../core/index.ts';

/** Totals and levels of one moment, taken out of the metrics. */
export interface Reading {
  /** Epoch milliseconds. */
  readonly at: number;
  readonly sockets: number;
  readonly people: number;
  readonly generationsRunning: number;
  readonly storeQueue: number;
  readonly hashQueue: number;
  /** p99 of the last interval, in ms. */
  readonly loopLagMs: number;
  readonly rssBytes: number;
  readonly heapBytes: number;
  readonly answers: number;
  readonly failures: number;
  readonly requests: number;
  readonly characters: number;
  readonly cpuSeconds: number;
  readonly storeSeconds: number;
  readonly storeCalls: number;
  readonly firstTokenBounds: readonly number[];
  /** Of each bound how many first tokens came within it; the last entry counts all. */
  readonly firstTokens: readonly number[];
}

/** Names of what the overview shows. */
export const overviewKeys = [
  'sockets',
  'people',
  'generationsRunning',
  'answersPerMinute',
  'failuresPerMinute',
  'tokensPerSecond',
  'firstTokenMs',
  'costTodayMicroUsd',
  'storeMs',
  'storeQueue',
  'hashQueue',
  'loopLagMs',
  'cpuPercent',
  'rssBytes',
  'heapBytes',
  'requestsPerMinute',
] as const;

export type OverviewKey = (typeof overviewKeys)[number];
export type OverviewNumbers = Partial<Record<OverviewKey, number>>;

/** A common rule of thumb. The true count is known only when an answer ends: the plot is to move before. */
const CHARACTERS_PER_TOKEN = 4;

/** @param metrics everything of this moment */
export function readingOf(metrics: readonly MetricSnapshot[], at: number): Reading {
  const byName = new Map(metrics.map((metric) => [metric.name, metric]));
  const sum = (name: string, fits: (labels: Labels) => boolean = () => true) => sumOf(byName.get(name), fits);
  const store = totalsOf(byName.get('jarvis_store_seconds'));
  const first = totalsOf(byName.get('jarvis_first_token_seconds'));
  return {
    at,
    sockets: sum('jarvis_sockets'),
    people: sum('jarvis_people'),
    generationsRunning: sum('jarvis_generations_running'),
    storeQueue: sum('jarvis_store_waiting'),
    hashQueue: sum('jarvis_password_waiting'),
    loopLagMs: sum('jarvis_event_loop_lag_seconds', ({ quantile }) => quantile === '0.99') * 1000,
    rssBytes: sum('process_resident_memory_bytes'),
    heapBytes: sum('process_heap_bytes'),
    answers: sum('jarvis_generations_total'),
    failures: sum('jarvis_generations_total', ({ status }) => status === 'failed' || status === 'interrupted'),
    requests: sum('jarvis_http_requests_total'),
    characters: sum('jarvis_answer_characters_total'),
    cpuSeconds: sum('process_cpu_seconds_total'),
    storeSeconds: store.sum,
    storeCalls: store.count,
    firstTokenBounds: first.bounds,
    firstTokens: [...first.cumulative, first.count],
  };
}

/** What a moment is compared with. */
export interface Earlier {
  /** One interval ago. */
  readonly interval: Reading;
  /** A minute ago, or as far back as there is. */
  readonly minute: Reading;
  /** Some minutes ago, or as far back as there is. */
  readonly minutes: Reading;
}

/** @param earlier null before there was an earlier moment: then what needs one is left out */
export function numbersOf(now: Reading, earlier: Earlier | null): OverviewNumbers {
  const { sockets, people, generationsRunning, storeQueue, hashQueue, loopLagMs, rssBytes, heapBytes } = now;
  const levels = { sockets, people, generationsRunning, storeQueue, hashQueue, loopLagMs, rssBytes, heapBytes };
  if (earlier === null || now.at <= earlier.interval.at) return levels;
  const { interval, minute, minutes } = earlier;
  const seconds = (now.at - interval.at) / 1000;
  const aMinute = (now.at - minute.at) / 60_000;
  const calls = now.storeCalls - interval.storeCalls;
  const firstTokenMs = medianMs(now, minutes);
  return {
    ...levels,
    answersPerMinute: (now.answers - minute.answers) / aMinute,
    failuresPerMinute: (now.failures - minute.failures) / aMinute,
    requestsPerMinute: (now.requests - minute.requests) / aMinute,
    tokensPerSecond: (now.characters - interval.characters) / CHARACTERS_PER_TOKEN / seconds,
    cpuPercent: ((now.cpuSeconds - interval.cpuSeconds) / seconds) * 100,
    ...(calls > 0 ? { storeMs: ((now.storeSeconds - interval.storeSeconds) / calls) * 1000 } : {}),
    ...(firstTokenMs === null ? {} : { firstTokenMs }),
  };
}

/** Median by the buckets, straight lines between their bounds; null when nothing came in that time. */
function medianMs(now: Reading, before: Reading): number | null {
  const counts = now.firstTokens.map((count, index) => count - (before.firstTokens[index] ?? 0));
  const half = (counts.at(-1) ?? 0) / 2;
  if (half <= 0) return null;
  const index = counts.findIndex((count) => count >= half);
  const bounds = now.firstTokenBounds;
  const upper = bounds[index];
  // Beyond the last bound nothing more is known.
  if (upper === undefined) return (bounds.at(-1) ?? 0) * 1000;
  const lower = bounds[index - 1] ?? 0;
  const below = counts[index - 1] ?? 0;
  const inside = (counts[index] ?? 0) - below;
  return (lower + ((upper - lower) * (half - below)) / inside) * 1000;
}

function sumOf(metric: MetricSnapshot | undefined, fits: (labels: Labels) => boolean): number {
  if (metric === undefined || metric.type === 'histogram') return 0;
  return metric.samples.reduce((sum, { labels, value }) => (fits(labels) ? sum + value : sum), 0);
}

/** A histogram without its labels. */
function totalsOf(metric: MetricSnapshot | undefined) {
  if (metric?.type !== 'histogram') return { sum: 0, count: 0, bounds: [], cumulative: [] };
  const cumulative = metric.buckets.map((_bound, index) =>
    metric.samples.reduce((total, sample) => total + (sample.cumulative[index] ?? 0), 0),
  );
  return {
    sum: metric.samples.reduce((total, sample) => total + sample.sum, 0),
    count: metric.samples.reduce((total, sample) => total + sample.count, 0),
    bounds: metric.buckets,
    cumulative,
  };
}
