import { AppError } from '../../lib/app-error.ts';
import type { Clock } from '../../lib/clock.ts';
import type { Logger } from '../../lib/logger.ts';

const MEBIBYTE = 1_048_576;
/** The budget for which PROMISES section 8.9 gives its numbers; other budgets scale. */
const REFERENCE_MB = 512;
/** Above it (of 512 MB) new jobs and uploads are refused; above the second slow sockets go; above the third the process ends. */
const LEVELS_MB = { tight: 420, scarce: 460, exhausted: 490 };
/** A level is left only this far (of 512 MB) below its threshold, so that it does not flap. */
const HYSTERESIS_MB = 24;
/** A peak that is gone by then was no shortage. */
const CONFIRM_MS = 500;

export type ResourceLevel = 'normal' | 'tight' | 'scarce' | 'exhausted';

const order: readonly ResourceLevel[] = ['normal', 'tight', 'scarce', 'exhausted'];

/** Bytes from which on each level holds. */
export type ResourceThresholds = Readonly<Record<Exclude<ResourceLevel, 'normal'>, number>> & {
  /** How far below a threshold its level ends, in bytes. */
  readonly hysteresis: number;
};

/** The thresholds of a budget, in the proportions of 420, 460 and 490 of 512 MB. */
export function thresholdsOf(budgetBytes: number): ResourceThresholds {
  const share = (megabytes: number) => Math.round((budgetBytes * megabytes) / REFERENCE_MB);
  return {
    tight: share(LEVELS_MB.tight),
    scarce: share(LEVELS_MB.scarce),
    exhausted: share(LEVELS_MB.exhausted),
    hysteresis: share(HYSTERESIS_MB),
  };
}

export interface ResourceMonitorOptions {
  /** What the server may use with its child processes; null: the monitor does nothing. */
  readonly budgetBytes: number | null;
  /** Bytes in use now, child processes included. */
  readonly measure: () => Promise<number>;
  /** Each time a sample finds memory scarce, for as long as it is. */
  readonly onScarce: () => void;
  /** Once: only a new process helps. */
  readonly onExhausted: () => void;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Between two samples. Default 2 s. */
  readonly intervalMs?: number;
}

/** Watches the memory of the process against its budget and says what there is still room for. */
export class ResourceMonitor {
  readonly #options: ResourceMonitorOptions;
  readonly #thresholds: ResourceThresholds | null;
  #level: ResourceLevel = 'normal';
  #usedBytes = 0;
  #suspected = false;
  #stop: () => void = () => {};
  #cancelConfirmation: () => void = () => {};
  #running = false;

  constructor(options: ResourceMonitorOptions) {
    this.#options = options;
    this.#thresholds = options.budgetBytes === null ? null : thresholdsOf(options.budgetBytes);
  }

  get level(): ResourceLevel {
    return this.#level;
  }

  /** Of the last sample; 0 before the first. */
  get usedBytes(): number {
    return this.#usedBytes;
  }

  /** Null when nothing is watched. */
  get budgetBytes(): number | null {
    return this.#options.budgetBytes;
  }

  /** For `/readyz`: what is the matter, in a sentence for the operator. */
  get reason(): string | undefined {
    if (this.#level === 'normal' || this.#options.budgetBytes === null) return undefined;
    const [used, budget] = [this.#usedBytes, this.#options.budgetBytes].map((bytes) => Math.round(bytes / MEBIBYTE));
    const consequence = this.#level === 'tight' ? 'new uploads and jobs are refused' : 'slow sockets are closed as well';
    return `Memory is ${this.#level}: ${used} of ${budget} MiB are used, ${consequence}. Give the server more, or raise LIMIT_MEMORY_MB.`;
  }

  /** Before something that needs memory of its own: an upload, a job. @throws AppError OVERLOADED with the time to wait */
  assertRoom(): void {
    if (this.#level !== 'normal') throw new AppError('OVERLOADED', { retryAfter: 10 });
  }

  /** The first sample is taken at once. */
  start(): void {
    const { clock, intervalMs = 2000 } = this.#options;
    if (this.#thresholds === null || this.#running) return;
    this.#running = true;
    this.#stop = clock.every(intervalMs, () => void this.sample());
    void this.sample();
  }

  stop(): void {
    this.#running = false;
    this.#stop();
    this.#cancelConfirmation();
  }

  /** Never rejects: what cannot be measured changes nothing. */
  async sample(): Promise<void> {
    const { measure, logger } = this.#options;
    try {
      const used = await measure();
      if (this.#running) this.#judge(used);
    } catch (error) {
      logger.debug({ error }, 'memory could not be measured');
    }
  }

  #judge(usedBytes: number): void {
    const { onScarce, onExhausted, clock } = this.#options;
    this.#usedBytes = usedBytes;
    let level = this.#levelOf(usedBytes);
    const suspected = level === 'exhausted';
    if (suspected && !this.#suspected) {
      level = 'scarce';
      this.#cancelConfirmation = clock.after(CONFIRM_MS, () => void this.sample());
    }
    this.#suspected = suspected;
    this.#enter(level);
    if (level === 'normal' || level === 'tight') return;
    onScarce();
    if (level !== 'exhausted') return;
    this.stop();
    onExhausted();
  }

  /** The highest level whose threshold is reached; the one that holds is left only well below its own. */
  #levelOf(usedBytes: number): ResourceLevel {
    const thresholds = this.#thresholds;
    if (thresholds === null) return 'normal';
    const held = order.indexOf(this.#level);
    const reached = order.filter((level, rank) => {
      if (level === 'normal') return true;
      return usedBytes >= thresholds[level] - (rank <= held ? thresholds.hysteresis : 0);
    });
    return reached.at(-1) ?? 'normal';
  }

  #enter(level: ResourceLevel): void {
    if (level === this.#level) return;
    const { logger, budgetBytes } = this.#options;
    const fields = { state: level, bytes: this.#usedBytes, limit: budgetBytes };
    if (order.indexOf(level) > order.indexOf(this.#level)) logger.warn(fields, 'memory runs short');
    else logger.info(fields, 'memory recovers');
    this.#level = level;
  }
}
