/**
 * Counters, gauges and histograms of one process, kept in memory. Names, units and labels follow the conventions of Prometheus
 * (https://prometheus.io/docs/practices/naming/): base units, `_total` for counters, `_seconds`, `_bytes`.
 */

export type Labels = Readonly<Record<string, string>>;

export interface MetricSpec {
  /** `snake_case`, begins with `jarvis_` or `process_`. */
  readonly name: string;
  readonly help: string;
}

export interface HistogramSpec extends MetricSpec {
  /** Upper bounds, ascending; +Inf is added. */
  readonly buckets: readonly number[];
}

export interface Counter {
  /** @param by not negative */
  add(by?: number, labels?: Labels): void;
}

export interface Histogram {
  observe(value: number, labels?: Labels): void;
}

/** Labels that are known in advance are few: what people type never becomes one. */
const MAX_SERIES = 200;

export interface Sample {
  readonly labels: Labels;
  readonly value: number;
}

export interface HistogramSample {
  readonly labels: Labels;
  readonly sum: number;
  readonly count: number;
  /** Of each bound how many values were at most that; without +Inf, which is `count`. */
  readonly cumulative: readonly number[];
}

export type MetricSnapshot =
  | { readonly type: 'counter' | 'gauge'; readonly name: string; readonly help: string; readonly samples: readonly Sample[] }
  | {
      readonly type: 'histogram';
      readonly name: string;
      readonly help: string;
      readonly buckets: readonly number[];
      readonly samples: readonly HistogramSample[];
    };

interface Series {
  readonly labels: Labels;
  value: number;
}

interface Distribution {
  readonly labels: Labels;
  sum: number;
  count: number;
  readonly counts: number[];
}

/** The metrics of a process. Each name is declared once; a number is read when somebody asks (`collect`). */
export class Metrics {
  readonly #collectors = new Map<string, () => MetricSnapshot>();
  readonly #startedAt: number;

  /** @param startedAt when counting began, epoch milliseconds */
  constructor(startedAt: number) {
    this.#startedAt = startedAt;
  }

  get startedAt(): number {
    return this.#startedAt;
  }

  counter({ name, help }: MetricSpec): Counter {
    const series = new Map<string, Series>();
    this.#declare(name, () => ({ type: 'counter', name, help, samples: [...series.values()].map((entry) => ({ ...entry })) }));
    return {
      add(by = 1, labels = {}) {
        const entry = seriesOf(series, labels, () => ({ labels, value: 0 }));
        if (entry !== null && by > 0) entry.value += by;
      },
    };
  }

  /** @param read gives the samples of this moment; a plain number is one without labels */
  gauge({ name, help }: MetricSpec, read: () => number | readonly Sample[]): void {
    this.#declare(name, () => {
      const value = read();
      return { type: 'gauge', name, help, samples: typeof value === 'number' ? [{ labels: {}, value }] : value };
    });
  }

  histogram({ name, help, buckets }: HistogramSpec): Histogram {
    const series = new Map<string, Distribution>();
    this.#declare(name, () => ({ type: 'histogram', name, help, buckets, samples: [...series.values()].map(cumulated) }));
    return {
      observe(value, labels = {}) {
        const entry = seriesOf(series, labels, () => ({ labels, sum: 0, count: 0, counts: buckets.map(() => 0) }));
        if (entry === null || !Number.isFinite(value)) return;
        entry.sum += value;
        entry.count += 1;
        const bucket = buckets.findIndex((bound) => value <= bound);
        if (bucket >= 0) entry.counts[bucket] = (entry.counts[bucket] ?? 0) + 1;
      },
    };
  }

  /** Everything as it is now, in the order of declaration. */
  collect(): MetricSnapshot[] {
    return [...this.#collectors.values()].map((collect) => collect());
  }

  #declare(name: string, collect: () => MetricSnapshot): void {
    if (this.#collectors.has(name)) throw new Error(`the metric ${name} is declared twice`);
    this.#collectors.set(name, collect);
  }
}

/** Null once there are too many series of a name: a label that grows without end must not take the memory. */
function seriesOf<T>(series: Map<string, T>, labels: Labels, make: () => T): T | null {
  const key = JSON.stringify(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1)));
  const known = series.get(key);
  if (known !== undefined) return known;
  if (series.size >= MAX_SERIES) return null;
  const made = make();
  series.set(key, made);
  return made;
}

function cumulated({ labels, sum, count, counts }: Distribution): HistogramSample {
  let total = 0;
  return { labels, sum, count, cumulative: counts.map((own) => (total += own)) };
}
