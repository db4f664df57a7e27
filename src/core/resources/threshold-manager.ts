import type { ModelTrend } from './model-monitor.ts';

/** From `raise` on something is wrong, and below `clear` no longer. */
export interface Threshold {
  readonly raise: number;
  readonly clear: number;
}

/** Judgements: half of the runs fail, a third lose the process, a fifth more memory than was granted, work takes three times what was expected. */
const usual: Readonly<Record<keyof ModelTrend, Threshold>> = {
  failureShare: { raise: 0.5, clear: 0.2 },
  lostShare: { raise: 0.3, clear: 0.1 },
  memoryShare: { raise: 1.2, clear: 1.05 },
  slowness: { raise: 3, clear: 2 },
};

/** The limits of what is normal for a model. */
export class ThresholdManager {
  readonly #own = new Map<string, Threshold>();

  /** For one model, in place of the usual one. @throws RangeError when it would be cleared above where it is raised */
  setThreshold(modelId: string, metric: keyof ModelTrend, threshold: Threshold): void {
    if (threshold.clear > threshold.raise) throw new RangeError('a threshold is cleared at or below where it is raised');
    this.#own.set(`${metric} ${modelId}`, threshold);
  }

  thresholdOf(modelId: string, metric: keyof ModelTrend): Threshold {
    return this.#own.get(`${metric} ${modelId}`) ?? usual[metric];
  }

  /** Whether it is beyond its threshold. @param raised whether it was; what nobody knows changes nothing */
  isBeyond(modelId: string, metric: keyof ModelTrend, { value, raised }: { readonly value: number; readonly raised: boolean }): boolean {
    if (Number.isNaN(value)) return raised;
    const { raise, clear } = this.thresholdOf(modelId, metric);
    return value >= (raised ? clear : raise);
  }
}
