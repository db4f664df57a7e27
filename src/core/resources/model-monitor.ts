import { LruMap } from '../../lib/lru-map.ts';
import { medianOf } from '../processing/robust-statistics.ts';

/** One run of work that used a model. */
export interface ModelRun {
  readonly outcome: 'succeeded' | 'failed' | 'lost';
  /** That it worked. */
  readonly seconds: number;
  /** That were expected; 0: nothing was. */
  readonly expectedSeconds: number;
  /** 0: not measured. */
  readonly peakMemoryMb: number;
  /** That it was granted. */
  readonly memoryMb: number;
}

/** What is known of a model on this server since the start. */
export interface ModelMetrics {
  readonly runs: number;
  readonly failures: number;
  /** Runs whose process was lost; among the failures. */
  readonly lost: number;
  /** Of all runs together. */
  readonly seconds: number;
  /** Highest ever; 0: never measured. */
  readonly peakMemoryMb: number;
  /** Of the latest runs. NaN while there are too few to say. */
  readonly latest: ModelTrend;
}

/** Of the latest runs, for thresholds. */
export interface ModelTrend {
  /** Of runs, 0 to 1. */
  readonly failureShare: number;
  readonly lostShare: number;
  /** Median of the used part of the granted memory. */
  readonly memoryShare: number;
  /** Median of real for expected seconds. */
  readonly slowness: number;
}

/** So many models are remembered. */
const MODELS = 200;
const LATEST = 10;
/** Fewer runs say nothing. */
const TELLING = 4;

interface Kept {
  runs: number;
  failures: number;
  lost: number;
  seconds: number;
  peakMemoryMb: number;
  latest: ModelRun[];
}

/** Counts what each model takes and how it does. */
export class ModelMonitor {
  readonly #models = new LruMap<string, Kept>(MODELS);

  record(modelId: string, run: ModelRun): void {
    const kept = this.#models.get(modelId) ?? { runs: 0, failures: 0, lost: 0, seconds: 0, peakMemoryMb: 0, latest: [] };
    kept.runs += 1;
    if (run.outcome !== 'succeeded') kept.failures += 1;
    if (run.outcome === 'lost') kept.lost += 1;
    kept.seconds += run.seconds;
    kept.peakMemoryMb = Math.max(kept.peakMemoryMb, run.peakMemoryMb);
    kept.latest = [...kept.latest, run].slice(-LATEST);
    this.#models.set(modelId, kept);
  }

  /** Null: it has not run. */
  collectMetrics(modelId: string): ModelMetrics | null {
    const kept = this.#models.get(modelId);
    return kept === undefined ? null : { ...kept, latest: trendOf(kept.latest) };
  }

  /** Of every model, by id. */
  all(): ReadonlyMap<string, ModelMetrics> {
    return new Map(
      [...this.#models.entries()].map(([id, kept]): [string, ModelMetrics] => [id, { ...kept, latest: trendOf(kept.latest) }]),
    );
  }
}

function trendOf(runs: readonly ModelRun[]): ModelTrend {
  const measured = runs.filter(({ outcome }) => outcome === 'succeeded');
  return {
    failureShare: shareOf(runs, ({ outcome }) => outcome !== 'succeeded'),
    lostShare: shareOf(runs, ({ outcome }) => outcome === 'lost'),
    memoryShare: middle(measured.flatMap((run) => (run.peakMemoryMb > 0 && run.memoryMb > 0 ? [run.peakMemoryMb / run.memoryMb] : []))),
    slowness: middle(measured.flatMap((run) => (run.expectedSeconds > 0 ? [run.seconds / run.expectedSeconds] : []))),
  };
}

function shareOf(runs: readonly ModelRun[], counts: (run: ModelRun) => boolean): number {
  return runs.length < TELLING ? Number.NaN : runs.filter(counts).length / runs.length;
}

function middle(values: readonly number[]): number {
  return values.length < TELLING ? Number.NaN : medianOf(values);
}
