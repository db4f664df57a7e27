import type { Clock } from '../../lib/clock.ts';
import type { Logger } from '../../lib/logger.ts';
import { CallsLane, type PluginCallOrder, type ProbeResult, type SurfaceOrder } from './calls-lane.ts';
import type { ChatEvent } from './chat-event.ts';
import type { ChatOrder } from './chat-order.ts';
import { CodecLane } from './codec-lane.ts';
import type { HostProcessOptions } from './host-process.ts';
import type { PluginSource, PreparedImage, PrepareImageRequest } from './host-protocol.ts';
import type { LaneState } from './lane-state.ts';
import { PluginSources } from './plugin-sources.ts';
import type { ExecutionProvider, ProviderSeen } from './session-types.ts';
import type { SurfaceEvent } from './surface-event.ts';
import { type WorkEvents, WorkLane, type WorkOrder, type WorkOutcome } from './work-lane.ts';

export interface InferenceClientOptions {
  readonly logger: Logger;
  readonly clock: Clock;
  /** Bytes of resident memory at which the codec host is ended; at 70 % after a picture it is replaced. Default 384 MiB. */
  readonly memoryLimit?: number;
  /** The codec host exits after this long without work. Default 60 s. */
  readonly idleMs?: number;
  /** A picture that takes longer is refused and its host killed. Default 30 s. */
  readonly timeoutMs?: number;
  /** Pictures that may wait; more are refused with OVERLOADED. Default 50. */
  readonly maxWaiting?: number;
  /** A host is replaced after this many requests. Default 50. */
  readonly recycleAfter?: number;
  /** Tried in this order for each model. Default: cpu. */
  readonly providers?: readonly ExecutionProvider[];
  /** A host that runs plugins exits after this long without work. Default 60 s. */
  readonly keepAliveMs?: number;
  /** Most that one work host may hold, in bytes, whatever a job was granted. Default: what was granted decides. */
  readonly mostMemory?: number | undefined;
  /** What the work hosts may hold together, warm ones included, in bytes. */
  readonly workBudget?: number | undefined;
  /** Bytes that a host for commands and chat models may hold. Default 1 GiB. */
  readonly callsMemory?: number;
  /** Of a probe, a command and an action, and of the silence of a hook. Default 10 s. */
  readonly callMs?: number;
  /** Added to the otherwise empty environment of hosts that run plugins: where graphics libraries lie. */
  readonly environment?: Readonly<Record<string, string>>;
}

export interface SeenProvider extends ProviderSeen {
  readonly plugin: string;
}

export interface InferenceState {
  /** Of the codec host, like the four below. */
  readonly status: 'stopped' | 'starting' | 'idle' | 'busy' | 'closed';
  readonly waiting: number;
  readonly pid: number | undefined;
  readonly starts: number;
  readonly crashes: number;
  readonly lanes: { readonly codec: LaneState; readonly work: LaneState; readonly calls: LaneState };
  /** What each model ran on last, and why not on something faster. */
  readonly providers: readonly SeenProvider[];
  /** A host without work ends after this long. */
  readonly keepAliveMs: number;
}

export interface InferenceClient {
  /** @throws AppError UNSUPPORTED_MEDIA, IMAGE_UNREADABLE, TOO_LARGE, OVERLOADED; the signal's reason when aborted */
  prepareImage(request: PrepareImageRequest, signal?: AbortSignal): Promise<PreparedImage>;
  /** Which plugins may run now. Idle hosts of those that changed end; busy ones finish first. */
  configure(plugins: readonly PluginSource[]): void;
  /** One attempt at a job. @throws AppError, WorkerLostError, the signal's reason */
  run(order: WorkOrder, events: WorkEvents): Promise<WorkOutcome>;
  /** Imports each plugin in a child, 10 s each, and tells which ones survive it. Never rejects. */
  probe(sources: readonly PluginSource[]): Promise<ProbeResult[]>;
  /** Markdown of a command or an action, at most 64 KiB, within 10 s. @throws AppError; the signal's reason when aborted */
  callPlugin(order: PluginCallOrder, signal: AbortSignal): Promise<string>;
  /** @throws AppError; ends without a further event when aborted */
  streamChatModel(order: ChatOrder, signal: AbortSignal): AsyncIterable<ChatEvent>;
  /** What a hook, an answer to a question or an action shows. @throws AppError; ends without a further event when aborted */
  streamSurface(order: SurfaceOrder, signal: AbortSignal): AsyncIterable<SurfaceEvent>;
  state(): InferenceState;
  /** Of every child process that runs. */
  pids(): number[];
  /** Ends every host; what runs or waits is refused with DRAINING. */
  close(): Promise<void>;
}

const MEBIBYTE = 1024 * 1024;
const defaults = {
  memoryLimit: 384 * MEBIBYTE,
  idleMs: 60_000,
  timeoutMs: 30_000,
  maxWaiting: 50,
  recycleAfter: 50,
  providers: ['cpu'] as readonly ExecutionProvider[],
  keepAliveMs: 60_000,
  callsMemory: 1024 * MEBIBYTE,
  callMs: 10_000,
};

/**
 * The server's side of the inference hosts: child processes in three lanes, so that a long job never holds up an upload or
 * a command. Each starts on first use and is ended, replaced and watched here.
 */
export function createInferenceClient(given: InferenceClientOptions): InferenceClient {
  const options = { ...defaults, ...given };
  const { logger, clock, providers, keepAliveMs, recycleAfter, environment, mostMemory } = options;
  const sources = new PluginSources();
  const seen = new Map<string, SeenProvider>();

  const onNews: NonNullable<HostProcessOptions['onNews']> = (news) => {
    if (news.news === 'log') return logger[news.level]({ plugin: news.plugin, what: news.line }, 'plugin says');
    const { plugin } = news;
    const { model, provider, reason } = news.seen;
    const key = `${plugin}/${model}`;
    if (seen.get(key)?.provider !== provider) logger.info({ plugin, model, provider, reason }, 'model runs on');
    seen.set(key, { plugin, ...news.seen });
  };

  const shared = { logger, clock, sources, providers, environment, onNews, keepAliveMs, recycleAfter };
  const codec = new CodecLane(options);
  const work = new WorkLane({ ...shared, mostMemory, memoryBudget: options.workBudget });
  const calls = new CallsLane({ ...shared, memoryLimit: options.callsMemory, callMs: options.callMs });

  return {
    prepareImage: (request, signal) => codec.prepareImage(request, signal),
    configure(plugins) {
      sources.replace(plugins);
      work.refresh();
      calls.refresh();
    },
    run: (order, events) => work.run(order, events),
    probe: (plugins) => calls.probe(plugins),
    callPlugin: (order, signal) => calls.call(order, signal),
    streamChatModel: (order, signal) => calls.stream(order, signal),
    streamSurface: (order, signal) => calls.surface(order, signal),
    state() {
      const lane = codec.state();
      const { starts, crashes } = lane;
      return {
        ...{ status: codec.status, waiting: codec.waiting, pid: codec.pids()[0], starts, crashes, keepAliveMs },
        lanes: { codec: lane, work: work.state(), calls: calls.state() },
        providers: [...seen.values()],
      };
    },
    pids: () => [...codec.pids(), ...work.pids(), ...calls.pids()],
    async close() {
      await Promise.all([codec.close(), work.close(), calls.close()]);
    },
  };
}
