import { AppError } from '../../lib/app-error.ts';
import type { Clock } from '../../lib/clock.ts';
import type { Logger } from '../../lib/logger.ts';
import { WorkerLostError } from '../../lib/worker-lost-error.ts';
import { attempt, PluginEscapeError } from './attempt.ts';
import { createHostProcess, type HostProcess, type HostProcessOptions } from './host-process.ts';
import type { HostEvent, PluginSource, Words, WorkRequest, WorkResult } from './host-protocol.ts';
import { hostState, type LaneState } from './lane-state.ts';
import type { PluginSources } from './plugin-sources.ts';
import type { ExecutionProvider } from './session-types.ts';

/** Fits `JobOrder` of the services. */
export interface WorkOrder extends WorkRequest {
  readonly jobId: string;
  readonly plugin: string;
  readonly timeoutMs: number;
  readonly stallMs: number;
}

/** Fits `JobEvents` of the services. */
export interface WorkEvents {
  readonly signal: AbortSignal;
  onStart(): void;
  onProgress(percent: number | null, note: Words | undefined): void;
  onPreview(picture: Uint8Array): void;
}

/** Fits `JobOutcome` of the services. */
export interface WorkOutcome extends Omit<WorkResult, 'peakBytes'> {
  readonly seconds: number;
  readonly peakMemoryMb: number;
}

export interface WorkLaneOptions {
  readonly logger: Logger;
  readonly clock: Clock;
  readonly sources: PluginSources;
  readonly providers: readonly ExecutionProvider[];
  readonly environment: Readonly<Record<string, string>> | undefined;
  readonly onNews: NonNullable<HostProcessOptions['onNews']>;
  /** A host without work exits after this long. */
  readonly keepAliveMs: number;
  /** Most that one host may hold, in bytes, whatever was granted; undefined: what was granted decides. */
  readonly mostMemory: number | undefined;
  /** What all hosts of this lane may hold together, idle ones included, in bytes; undefined: two idle ones are kept, of whatever size. */
  readonly memoryBudget: number | undefined;
  readonly recycleAfter: number;
}

interface Worker {
  readonly host: HostProcess;
  readonly source: PluginSource;
  /** Of the work that runs, in bytes; 0: idle. */
  limit: number;
  /** After the last work, in bytes. */
  rss: number;
  endsAt: number;
  stopIdle: () => void;
}

const MEBIBYTE = 1_048_576;
/** A declared need is an estimate: a quarter more, and the size of a bare process, before it counts as an overrun. */
const TOLERANCE = 1.25;
const BARE_PROCESS = 64 * MEBIBYTE;
/** A warm host that holds more than this share of what the next work may hold is of no use for it. */
const STALE_SHARE = 0.7;
/** A host that ends its work above this share of its limit is replaced. */
const FULL_SHARE = 0.9;
const MOST_IDLE = 2;
const DISPOSE_MS = 2500;

/** Jobs: each in a process of its own, one plugin a process, kept warm for the next job of that plugin. How many run at once is the caller's choice. */
export class WorkLane {
  readonly #options: WorkLaneOptions;
  readonly #workers = new Set<Worker>();
  #starts = 0;
  #crashes = 0;
  #closed = false;

  constructor(options: WorkLaneOptions) {
    this.#options = options;
  }

  /** @throws AppError, WorkerLostError, the signal's reason */
  async run(order: WorkOrder, events: WorkEvents): Promise<WorkOutcome> {
    const { clock, sources, providers, logger } = this.#options;
    events.signal.throwIfAborted();
    if (this.#closed) throw new AppError('DRAINING');
    const source = sources.get(order.plugin);
    const limit = this.#limitOf(order);
    const worker = this.#take(source, limit);
    const begun = clock.now();
    try {
      const { kind, params, level, inputs, pictures, targetDirectory, granted, maxPixels, tile } = order;
      const work = { kind, params, level, inputs, pictures, targetDirectory, granted, maxPixels, tile };
      const { done } = attempt(
        { operation: 'run', plugin: source, work, providers },
        {
          ...{ host: worker.host, clock, signal: events.signal, memoryLimit: limit },
          ...{ timeoutMs: order.timeoutMs, stallMs: order.stallMs, onEvent: forwardTo(events) },
        },
      );
      const { value, rss, peak } = await done;
      worker.rss = rss;
      return outcomeOf(value, (clock.now() - begun) / 1000, peak);
    } catch (error) {
      if (this.#closed && !events.signal.aborted) throw new AppError('DRAINING', { cause: error });
      if (!events.signal.aborted)
        logger.warn({ jobId: order.jobId, plugin: source.name, kind: order.kind, ...endOf(error) }, 'work failed');
      if (error instanceof WorkerLostError && !events.signal.aborted) this.#crashes += 1;
      if (!(error instanceof PluginEscapeError)) throw error;
      throw new AppError('PLUGIN_FAILED', { params: { plugin: source.name }, cause: error });
    } finally {
      await this.#put(worker);
    }
  }

  /** Ends the idle hosts of plugins that changed; busy ones finish first. */
  refresh(): void {
    for (const worker of this.#workers) if (worker.limit === 0 && !this.#options.sources.isCurrent(worker.source)) this.#retire(worker);
  }

  state(): LaneState {
    const hosts = [...this.#workers].map(({ host, source, endsAt }) => hostState(host, source.name, endsAt));
    return { hosts, starts: this.#starts, crashes: this.#crashes };
  }

  pids(): number[] {
    return [...this.#workers].flatMap(({ host }) => host.pid ?? []);
  }

  /** Kills what runs. Whoever wants work to finish waits for it before. */
  async close(): Promise<void> {
    this.#closed = true;
    const all = [...this.#workers];
    for (const worker of all) this.#retire(worker);
    await Promise.all(all.map(({ host }) => host.ended));
  }

  #limitOf({ granted }: WorkOrder): number {
    const limit = granted.memoryMb * MEBIBYTE * TOLERANCE + BARE_PROCESS;
    return Math.round(Math.min(limit, this.#options.mostMemory ?? limit));
  }

  #take(source: PluginSource, limit: number): Worker {
    const idle = this.#idle();
    const warm = idle.find((worker) => worker.source === source && worker.rss < limit * STALE_SHARE);
    if (warm !== undefined) {
      warm.stopIdle();
      warm.limit = limit;
    }
    this.#makeRoom(
      idle.filter((worker) => worker !== warm),
      warm === undefined ? limit : 0,
    );
    return warm ?? this.#start(source, limit);
  }

  /** The longest idle one first. */
  #idle(): Worker[] {
    return [...this.#workers].filter((worker) => worker.limit === 0 && worker.host.open === 0);
  }

  /** Idle hosts go, the longest idle first, until the new work fits beside what is there. */
  #makeRoom(idle: readonly Worker[], needed: number): void {
    const { memoryBudget } = this.#options;
    const held = () => [...this.#workers].reduce((sum, { limit, rss }) => sum + (limit === 0 ? rss : limit), needed);
    let kept = idle.length;
    for (const worker of idle) {
      if (memoryBudget === undefined ? kept <= MOST_IDLE : held() <= memoryBudget) return;
      this.#retire(worker);
      kept -= 1;
    }
  }

  #start(source: PluginSource, limit: number): Worker {
    const { environment, onNews, logger } = this.#options;
    this.#starts += 1;
    const host = createHostProcess({
      environment,
      onNews,
      onExit: () => {
        worker.stopIdle();
        this.#workers.delete(worker);
      },
    });
    const worker: Worker = { host, source, limit, rss: 0, endsAt: 0, stopIdle: () => {} };
    this.#workers.add(worker);
    logger.debug({ pid: host.pid, plugin: source.name }, 'work host started');
    return worker;
  }

  /** After its work: kept warm, or replaced when its time has come. */
  async #put(worker: Worker): Promise<void> {
    const { clock, keepAliveMs, recycleAfter, sources } = this.#options;
    if (!this.#workers.has(worker)) return;
    const full = worker.rss > worker.limit * FULL_SHARE;
    worker.limit = 0;
    if (worker.host.open > 0) {
      // Its answer came from a cancel that it did not heed, or never: it is being killed.
      await worker.host.ended;
    } else if (this.#closed || full || worker.host.jobs >= recycleAfter || !sources.isCurrent(worker.source)) this.#retire(worker);
    else {
      // Behind those that have been idle for longer.
      this.#workers.delete(worker);
      this.#workers.add(worker);
      worker.endsAt = clock.now() + keepAliveMs;
      worker.stopIdle = clock.after(keepAliveMs, () => this.#retire(worker));
      this.#makeRoom(this.#idle(), 0);
    }
  }

  #retire(worker: Worker): void {
    worker.stopIdle();
    this.#workers.delete(worker);
    if (worker.host.open > 0) worker.host.kill();
    else worker.host.end(DISPOSE_MS);
  }
}

/** Numbers never fall, and once there was one it is not unknown again. */
function forwardTo(events: WorkEvents): (event: HostEvent) => void {
  let last: number | null = null;
  return (event) => {
    if (event.event === 'start') events.onStart();
    else if (event.event === 'preview') events.onPreview(event.data);
    else if (event.event === 'progress') {
      const percent = event.percent === null ? last : Math.min(100, Math.max(last ?? 0, event.percent));
      last = percent;
      events.onProgress(percent, event.note);
    }
  };
}

function outcomeOf(value: unknown, seconds: number, peak: number): WorkOutcome {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- our own host's answer to this very request
  const { peakBytes, ...result } = value as WorkResult;
  return { ...result, seconds, peakMemoryMb: Math.round(Math.max(peakBytes, peak) / MEBIBYTE) };
}

function endOf(error: unknown): { readonly outcome: string; readonly reason?: string } {
  if (error instanceof WorkerLostError) return { outcome: error.end };
  const cause: unknown = error instanceof AppError ? error.cause : error;
  return {
    outcome: error instanceof AppError ? error.code : 'PLUGIN_FAILED',
    ...(cause instanceof Error ? { reason: cause.message } : {}),
  };
}
