/**
 * Counters, gauges and histograms of one process, kept in memory. Names, units and labels follow the conventions of Prometheus
 * (https://prometheus.io/docs/practices/naming/): base units, `_total` for counters, `_seconds`, `_bytes`.
 */

export type Labels = Readonly<Record<string, string>>;

export interface MetricSpec {
  /** `snake_case`, begins with `jarvis_` or `process_`. */
  readonly name: string;
  readonly help: string;
  /** Combinations of labels that are kept; further ones are not counted. Default 200. */
  readonly maxSeries?: number;
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
const NO_LABELS: Labels = {};

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
  readonly #counters = new Map<string, Counter>();
  readonly #startedAt: number;

  /** @param startedAt when counting began, epoch milliseconds */
  constructor(startedAt: number) {
    this.#startedAt = startedAt;
  }

  get startedAt(): number {
    return this.#startedAt;
  }

  counter({ name, help, maxSeries }: MetricSpec): Counter {
    const series = new SeriesTable<Series>(maxSeries, (labels) => ({ labels, value: 0 }));
    this.#declare(name, () => ({ type: 'counter', name, help, samples: series.all().map((entry) => ({ ...entry })) }));
    const counter: Counter = {
      add(by = 1, labels = NO_LABELS) {
        const entry = series.of(labels);
        if (entry !== null && by > 0) entry.value += by;
      },
    };
    this.#counters.set(name, counter);
    return counter;
  }

  /** A counter that is kept elsewhere, such as the processor time of the process. @param read gives numbers that only grow */
  countedElsewhere({ name, help }: MetricSpec, read: () => number | readonly Sample[]): void {
    this.#declare(name, () => {
      const value = read();
      return { type: 'counter', name, help, samples: typeof value === 'number' ? [{ labels: NO_LABELS, value }] : value };
    });
  }

  /** @param read gives the samples of this moment; a plain number is one without labels */
  gauge({ name, help }: MetricSpec, read: () => number | readonly Sample[]): void {
    this.#declare(name, () => {
      const value = read();
      return { type: 'gauge', name, help, samples: typeof value === 'number' ? [{ labels: NO_LABELS, value }] : value };
    });
  }

  histogram({ name, help, buckets, maxSeries }: HistogramSpec): Histogram {
    const series = new SeriesTable<Distribution>(maxSeries, (labels) => ({ labels, sum: 0, count: 0, counts: buckets.map(() => 0) }));
    this.#declare(name, () => ({ type: 'histogram', name, help, buckets, samples: series.all().map(cumulated) }));
    return {
      observe(value, labels = NO_LABELS) {
        const entry = series.of(labels);
        if (entry === null || !Number.isFinite(value)) return;
        entry.sum += value;
        entry.count += 1;
        const bucket = buckets.findIndex((bound) => value <= bound);
        if (bucket >= 0) entry.counts[bucket] = (entry.counts[bucket] ?? 0) + 1;
      },
    };
  }

  /** Adds to a counter by its name, for those who did not declare it. A name that nobody declared is not counted. */
  add(name: string, by = 1, labels: Labels = NO_LABELS): void {
    this.#counters.get(name)?.add(by, labels);
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

/** The series of one name. Labels that are handed over as the same object are found without being written out. */
class SeriesTable<T> {
  readonly #series = new Map<string, T>();
  readonly #known = new WeakMap<Labels, T>();
  readonly #max: number;
  readonly #make: (labels: Labels) => T;

  constructor(max: number | undefined, make: (labels: Labels) => T) {
    this.#max = max ?? MAX_SERIES;
    this.#make = make;
  }

  /** Null once there are too many: a label that grows without end must not take the memory. */
  of(labels: Labels): T | null {
    const known = this.#known.get(labels);
    if (known !== undefined) return known;
    const key = JSON.stringify(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1)));
    const series = this.#series.get(key) ?? this.#add(key, labels);
    if (series !== null) this.#known.set(labels, series);
    return series;
  }

  all(): T[] {
    return [...this.#series.values()];
  }

  #add(key: string, labels: Labels): T | null {
    if (this.#series.size >= this.#max) return null;
    const made = this.#make(labels);
    this.#series.set(key, made);
    return made;
  }
}

function cumulated({ labels, sum, count, counts }: Distribution): HistogramSample {
  let total = 0;
  return { labels, sum, count, cumulative: counts.map((own) => (total += own)) };
}
