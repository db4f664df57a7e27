import type { MetricSnapshot } from '../../core/index.ts';
import { type Clock, isoTime } from '../../lib/clock.ts';
import type { StoreState } from '../../lib/document-store.ts';
import type { Overview } from '../../protocol/index.ts';
import { numbersOf, type OverviewKey, overviewKeys, type Reading, readingOf } from './overview-numbers.ts';

export interface OverviewDeps {
  /** All metrics of this moment. */
  readonly collect: () => readonly MetricSnapshot[];
  readonly store: () => StoreState;
  readonly readiness: () => { readonly ready: boolean; readonly reasons: readonly string[] };
  /** Of everybody on this UTC day, by every process of this store. @throws when the store is away */
  readonly costToday: () => Promise<number>;
  readonly version: string;
  /** Epoch milliseconds. */
  readonly startedAt: number;
  readonly clock: Clock;
}

export interface OverviewKeeper {
  /** Takes the next point of the series: call it every 10 s. */
  sample(): void;
  read(): Promise<Overview>;
}

/** An hour of points every 10 s. */
const POINTS = 360;
const INTERVALS_A_MINUTE = 6;
/** First tokens are few: their median is that of five minutes. */
const INTERVALS_FOR_MEDIAN = 30;

/** The numbers of the last hour for the administrator's page, in memory: about 50 KB. */
export function createOverview(deps: OverviewDeps): OverviewKeeper {
  const { clock } = deps;
  const series = createSeries();
  // All counting begins at nothing.
  const readings: Reading[] = [readingOf([], deps.startedAt)];
  let cost: { readonly costTodayMicroUsd?: number } = {};

  /** The newest numbers, against the readings of the samples. */
  function numbersAt(now: Reading) {
    const back = (count: number) => readings[Math.max(0, readings.length - count)];
    const [interval, minute, minutes] = [back(1), back(INTERVALS_A_MINUTE), back(INTERVALS_FOR_MEDIAN)];
    if (interval === undefined || minute === undefined || minutes === undefined) return numbersOf(now, null);
    return numbersOf(now, { interval, minute, minutes });
  }

  /** Without the store the last known cost stays. */
  async function lookUpCost(): Promise<void> {
    cost = await deps.costToday().then(
      (costTodayMicroUsd) => ({ costTodayMicroUsd }),
      () => cost,
    );
  }

  return {
    sample() {
      const now = readingOf(deps.collect(), clock.now());
      series.add(now.at, { ...numbersAt(now), ...cost });
      readings.push(now);
      if (readings.length > INTERVALS_FOR_MEDIAN) readings.shift();
      // For the next point; it never rejects.
      void lookUpCost();
    },

    async read() {
      await lookUpCost();
      const now = clock.now();
      const { kind, ready: storeReady } = deps.store();
      const { ready, reasons } = deps.readiness();
      const live = numbersOf(readingOf(deps.collect(), now), null);
      return {
        at: isoTime(now),
        version: deps.version,
        uptimeSeconds: Math.max(0, Math.round((now - deps.startedAt) / 1000)),
        store: { kind, ready: storeReady },
        ready,
        reasons: [...reasons],
        // Levels are of this moment; what is measured over a time is that of the last point.
        numbers: { ...series.last(), ...live, ...cost },
        series: series.read(),
      };
    },
  };
}

function createSeries() {
  const times = new Float64Array(POINTS);
  const values = new Map(overviewKeys.map((key) => [key, new Float64Array(POINTS).fill(Number.NaN)]));
  let count = 0;

  /** Places of the points, oldest first. */
  function places(): number[] {
    const kept = Math.min(count, POINTS);
    return Array.from({ length: kept }, (_, index) => (count - kept + index) % POINTS);
  }

  return {
    add(at: number, numbers: Partial<Record<OverviewKey, number>>): void {
      const place = count % POINTS;
      times[place] = at;
      for (const [key, points] of values) points[place] = numbers[key] ?? Number.NaN;
      count += 1;
    },

    last(): Partial<Record<OverviewKey, number>> {
      if (count === 0) return {};
      const place = (count - 1) % POINTS;
      const known = [...values].map(([key, points]) => [key, points[place] ?? Number.NaN] as const);
      return Object.fromEntries(known.filter(([, value]) => !Number.isNaN(value)));
    },

    read(): Overview['series'] {
      const order = places();
      const shown = [...values].map(([key, points]) => [key, order.map((place) => numberOrNull(points[place]))] as const);
      return { at: order.map((place) => isoTime(times[place] ?? 0)), values: Object.fromEntries(shown) };
    },
  };
}

function numberOrNull(value: number | undefined): number | null {
  return value === undefined || Number.isNaN(value) ? null : value;
}
