import type { Clock } from '../../lib/clock.ts';
import type { Logger } from '../../lib/logger.ts';
import type { ModelTrend } from './model-monitor.ts';
import type { ThresholdManager } from './threshold-manager.ts';

export interface ModelAlert {
  readonly model: string;
  readonly metric: keyof ModelTrend;
  /** Rounded to hundredths. */
  readonly value: number;
  /** Epoch milliseconds. */
  readonly since: number;
}

const sentences: Readonly<Record<keyof ModelTrend, (value: number) => string>> = {
  failureShare: (value) => `${percent(value)} of its latest runs failed`,
  lostShare: (value) => `${percent(value)} of its latest runs lost their process`,
  memoryShare: (value) => `it uses ${percent(value)} of the memory that it is granted`,
  slowness: (value) => `it takes ${value} times as long as expected`,
};

/** Raises an alert when a model leaves what is normal, once, and clears it when that is over. */
export class AlertGenerator {
  readonly #options: { readonly thresholds: ThresholdManager; readonly clock: Pick<Clock, 'now'>; readonly logger: Logger };
  readonly #alerts = new Map<string, ModelAlert>();

  constructor(options: { readonly thresholds: ThresholdManager; readonly clock: Pick<Clock, 'now'>; readonly logger: Logger }) {
    this.#options = options;
  }

  /** Call it after each run of the model. */
  check(model: string, trend: ModelTrend): void {
    for (const metric of ['failureShare', 'lostShare', 'memoryShare', 'slowness'] as const) this.#check(model, metric, trend[metric]);
  }

  /** Those that are raised, the oldest first. */
  alerts(): readonly ModelAlert[] {
    return [...this.#alerts.values()];
  }

  /** For the operator, one sentence each. */
  reasons(): string[] {
    return this.alerts().map(({ model, metric, value }) => `The model ${model}: ${sentences[metric](value)}.`);
  }

  #check(model: string, metric: keyof ModelTrend, exact: number): void {
    const { thresholds, clock, logger } = this.#options;
    const key = `${metric} ${model}`;
    const known = this.#alerts.get(key);
    const isBeyond = thresholds.isBeyond(model, metric, { value: exact, raised: known !== undefined });
    if (!isBeyond && known === undefined) return;
    if (!isBeyond) {
      this.#alerts.delete(key);
      logger.info({ model, name: metric }, 'a model is back to normal');
      return;
    }
    const value = Number.isNaN(exact) ? (known?.value ?? 0) : Math.round(exact * 100) / 100;
    this.#alerts.set(key, { model, metric, value, since: known?.since ?? clock.now() });
    if (known === undefined) logger.warn({ model, name: metric, reason: sentences[metric](value) }, 'a model needs a look');
  }
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}
