import {
  type AlertGenerator,
  type ModelMonitor,
  type ModelRun,
  type ProcessingFacts,
  type ProcessingFactsStore,
  type ProcessingOptimizer,
  ProcessingPipeline,
  type WorkSort,
  type WorkWay,
} from '../../core/index.ts';
import { AppError } from '../../lib/app-error.ts';
import type { Clock } from '../../lib/clock.ts';
import type { Logger } from '../../lib/logger.ts';
import { WorkerLostError } from '../../lib/worker-lost-error.ts';
import type { JobExecutor, JobOrder, JobOutcome } from '../ports/job-executor.ts';
import type { JobEstimate, JobKind, JobKinds, JobTask } from '../ports/job-kinds.ts';

export interface MeasuredWorkOptions {
  /** As the plugins declare them. */
  readonly kinds: JobKinds;
  readonly executor: JobExecutor;
  readonly optimizer: ProcessingOptimizer;
  readonly monitor: ModelMonitor;
  readonly alerts: AlertGenerator;
  readonly facts: ProcessingFactsStore;
  readonly clock: Pick<Clock, 'now'>;
  readonly logger: Logger;
}

export interface MeasuredWork {
  /** With estimates that know this machine. */
  readonly kinds: JobKinds;
  /** The same executor; what it does is measured and learned from, and it is told which way of working does best. */
  readonly executor: JobExecutor;
}

/** Puts what was learned between those who plan work and those who do it. */
export function createMeasuredWork(options: MeasuredWorkOptions): MeasuredWork {
  const { kinds, executor, optimizer, monitor, alerts, clock } = options;
  const corrected = new WeakMap<JobKind, JobKind>();
  let running = 0;

  function correctedKind(kind: JobKind): JobKind {
    const known = corrected.get(kind);
    if (known !== undefined) return known;
    const estimate = (task: JobTask) => optimizer.estimate(sortOf(kind, task), kind.estimate(task));
    const made: JobKind = {
      ...kind,
      estimate,
      levelFor: (asked, task) =>
        ProcessingPipeline.levelFor({
          asked,
          auto: () => kind.levelFor('auto', task),
          secondsAt: (level) => estimate({ ...task, level }).seconds,
        }),
    };
    corrected.set(kind, made);
    return made;
  }

  function note(models: readonly string[], run: ModelRun): void {
    for (const model of models) {
      monitor.record(model, run);
      const metrics = monitor.collectMetrics(model);
      if (metrics !== null) alerts.check(model, metrics.latest);
    }
  }

  async function measured(order: JobOrder, events: Parameters<JobExecutor['run']>[1], plan: Plan): Promise<JobOutcome> {
    const { sort, declared, way, expectedSeconds } = plan;
    const models = declared.models.length > 0 ? declared.models : [order.kind];
    const begun = clock.now();
    const run = { expectedSeconds, memoryMb: order.granted.memoryMb };
    try {
      // A process that starts on a busy machine takes what it takes: that does not grow with the work, and is not learned.
      let startedAt: number | null = null;
      const onStart = () => {
        startedAt = clock.now();
        events.onStart();
      };
      const granted = { ...order.granted, cpuThreads: way.threads };
      const outcome = await executor.run({ ...order, granted, ...tileOf(way) }, { ...events, onStart });
      const { peakMemoryMb, provider = '' } = outcome;
      const at = clock.now();
      const seconds = Math.min(outcome.seconds, (at - (startedAt ?? Number.NEGATIVE_INFINITY)) / 1000);
      save(options, optimizer.learn({ sort, declared, way, provider, seconds, peakMemoryMb, at }));
      note(models, { ...run, outcome: 'succeeded', seconds, peakMemoryMb });
      return outcome;
    } catch (error) {
      const ended = endOf(error, events.signal);
      const forMemory = error instanceof WorkerLostError && error.end === 'memory';
      if (ended === 'lost') save(options, optimizer.lost({ sort, declared, granted: order.granted, way, forMemory, at: clock.now() }));
      if (ended !== null) note(models, { ...run, outcome: ended, seconds: (clock.now() - begun) / 1000, peakMemoryMb: 0 });
      throw error;
    }
  }

  return {
    kinds: {
      find(name) {
        const kind = kinds.find(name);
        return kind === null ? null : correctedKind(kind);
      },
    },
    executor: {
      async run(order, events) {
        const kind = kinds.find(order.kind);
        running += 1;
        try {
          return kind === null ? await executor.run(order, events) : await measured(order, events, planOf(kind, order));
        } finally {
          running -= 1;
        }
      },
    },
  };

  function planOf(kind: JobKind, order: JobOrder): Plan {
    const sort = sortOf(kind, order);
    const declared = kind.estimate(order);
    const expectedSeconds = optimizer.estimate(sort, declared).seconds;
    return { sort, declared, expectedSeconds, way: optimizer.begin(sort, { declared, granted: order.granted, alone: running <= 1 }) };
  }
}

interface Plan {
  readonly sort: WorkSort;
  readonly declared: JobEstimate;
  readonly expectedSeconds: number;
  readonly way: WorkWay;
}

function sortOf(kind: JobKind, { level }: Pick<JobOrder, 'level'>): WorkSort {
  return { kind: kind.kind, version: kind.pluginVersion, level };
}

/** 0 is the processor's own choice. */
function tileOf({ tile }: WorkWay): { tile?: number } {
  return tile === 0 ? {} : { tile };
}

/** @returns null: it says nothing about the model (cancelled, drained, the person's own input) */
function endOf(error: unknown, signal: AbortSignal): 'failed' | 'lost' | null {
  if (signal.aborted) return null;
  if (error instanceof WorkerLostError) return 'lost';
  return error instanceof AppError && error.code !== 'PLUGIN_FAILED' ? null : 'failed';
}

/** What was learned is worth no failure and no waiting. */
function save({ facts, logger }: MeasuredWorkOptions, learned: ProcessingFacts | null): void {
  if (learned !== null) void facts.save(learned).catch((error: unknown) => logger.warn({ error }, 'what was measured could not be stored'));
}
