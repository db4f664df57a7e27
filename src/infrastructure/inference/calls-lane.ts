import { AppError } from '../../lib/app-error.ts';
import type { Clock } from '../../lib/clock.ts';
import type { Logger } from '../../lib/logger.ts';
import { shortReason } from '../../lib/short-reason.ts';
import { WorkerLostError } from '../../lib/worker-lost-error.ts';
import { afterStart, attempt } from './attempt.ts';
import { type ChatEvent, chatCost, isShown, readChatEvent } from './chat-event.ts';
import { type ChatOrder, loadTurn } from './chat-order.ts';
import { eventFlow } from './event-flow.ts';
import { createHostProcess, type HostProcess, type HostProcessOptions } from './host-process.ts';
import type { HostOperation, PluginCallRequest, PluginSource, SurfaceRequest } from './host-protocol.ts';
import { hostState, type LaneState } from './lane-state.ts';
import type { PluginSources } from './plugin-sources.ts';
import type { ExecutionProvider } from './session-types.ts';
import { readSurfaceEvent, type SurfaceEvent, surfaceBudget, surfaceCost } from './surface-event.ts';

export interface CallsLaneOptions {
  readonly logger: Logger;
  readonly clock: Clock;
  readonly sources: PluginSources;
  readonly providers: readonly ExecutionProvider[];
  readonly environment: Readonly<Record<string, string>> | undefined;
  readonly onNews: NonNullable<HostProcessOptions['onNews']>;
  readonly keepAliveMs: number;
  /** Bytes that one host may hold. */
  readonly memoryLimit: number;
  readonly recycleAfter: number;
  /** Of a probe, of a command and of an action. */
  readonly callMs: number;
}

export interface PluginCallOrder extends PluginCallRequest {
  readonly plugin: string;
}

export type SurfaceOrder = { readonly plugin: string } & SurfaceRequest;

type FlowOperation = Extract<HostOperation, { readonly operation: 'chat' | 'surface' }>;
interface Flow<Event> {
  readonly read: (value: unknown) => Event;
  readonly cost: (event: Event) => number;
  readonly watch?: (host: HostProcess, late: (error: Error) => void) => () => void;
}

export interface ProbeResult {
  readonly name: string;
  readonly ok: boolean;
  readonly reason?: string;
}

interface CallHost {
  readonly host: HostProcess;
  readonly source: PluginSource;
  endsAt: number;
  stopIdle: () => void;
}

/** Hosts that may live at once; one more call ends an idle one, or is refused. */
const MOST_HOSTS = 4;
const DISPOSE_MS = 2500;
/** Of one hook, answer or action, however much it shows. */
const SURFACE_MS = 15 * 60_000;

/**
 * Short work: probes, commands, actions and chat models. One process for each plugin, in which its calls run side by side: one
 * that hangs takes the others of the same plugin with it, and nobody else's.
 */
export class CallsLane {
  readonly #options: CallsLaneOptions;
  readonly #hosts = new Map<string, CallHost>();
  readonly #all = new Set<HostProcess>();
  #starts = 0;
  #crashes = 0;
  #closed = false;

  constructor(options: CallsLaneOptions) {
    this.#options = options;
  }

  /** Imports each plugin, one after the other in one process, anew after each that did not survive it. Never rejects. */
  async probe(sources: readonly PluginSource[]): Promise<ProbeResult[]> {
    const results: ProbeResult[] = [];
    let host: HostProcess | null = null;
    for (const plugin of sources) {
      const { name } = plugin;
      try {
        if (this.#closed) throw new AppError('DRAINING');
        host ??= this.#start();
        const timeoutMs = this.#options.callMs;
        await this.#attempt(host, { operation: 'probe', plugin }, { signal: new AbortController().signal, timeoutMs }).done;
        results.push({ name, ok: true });
      } catch (error) {
        results.push({ name, ok: false, reason: this.#probeReason(error) });
        host?.kill();
        host = null;
      }
    }
    host?.kill();
    return results;
  }

  /** @throws AppError PLUGIN_FAILED, PLUGIN_DISABLED, OVERLOADED, DRAINING, or what the plugin told the person; the signal's reason */
  async call({ plugin, ...call }: PluginCallOrder, signal: AbortSignal): Promise<string> {
    const { sources, providers, callMs, clock } = this.#options;
    signal.throwIfAborted();
    const source = sources.get(plugin);
    const deadline = new AbortController();
    const entry = this.#hostOf(source);
    const late = new AppError('PLUGIN_FAILED', { params: { plugin }, cause: tooLate(callMs) });
    const stopDeadline = afterStart(entry.host, clock, callMs, () => deadline.abort(late));
    try {
      const operation = { operation: 'call', plugin: source, call, providers } as const;
      const { value } = await this.#attempt(entry.host, operation, { signal: AbortSignal.any([signal, deadline.signal]) }).done;
      return typeof value === 'string' ? value : '';
    } catch (error) {
      throw this.#failure(plugin, error, signal);
    } finally {
      stopDeadline();
      this.#rest(entry);
    }
  }

  /** The events of a plugin's chat model; the plugin waits while nobody takes them. @throws AppError; ends without one when aborted */
  async *stream({ plugin, model, request }: ChatOrder, signal: AbortSignal): AsyncGenerator<ChatEvent, void, void> {
    const { sources, providers } = this.#options;
    const source = sources.get(plugin);
    const turns = await Promise.all(request.turns.map(loadTurn));
    if (signal.aborted) return;
    const operation = { operation: 'chat', plugin: source, request: { ...request, model, turns }, providers } as const;
    const budget = surfaceBudget(plugin);
    const read = (value: unknown) => {
      const event = readChatEvent(plugin, value);
      if (isShown(event)) budget(event);
      return event;
    };
    yield* this.#flow(operation, signal, { read, cost: chatCost });
  }

  /**
   * What a hook, an answer or an action of a plugin shows; ends with it, or after `callMs` in which it showed nothing, and in any
   * case after 15 minutes. @throws AppError; ends without a further event when aborted
   */
  async *surface({ plugin, ...call }: SurfaceOrder, signal: AbortSignal): AsyncGenerator<SurfaceEvent, void, void> {
    const { sources, providers, callMs, clock } = this.#options;
    if (signal.aborted) return;
    const operation = { operation: 'surface', plugin: sources.get(plugin), call, providers } as const;
    const budget = surfaceBudget(plugin);
    const read = (value: unknown) => {
      const event = readSurfaceEvent(plugin, value);
      budget(event);
      return event;
    };
    const endsAt = clock.now() + SURFACE_MS;
    const watch = (host: HostProcess, late: (error: Error) => void) => {
      const ms = Math.max(0, Math.min(callMs, endsAt - clock.now()));
      return afterStart(host, clock, ms, () => late(new AppError('PLUGIN_FAILED', { params: { plugin }, cause: tooLate(ms) })));
    };
    yield* this.#flow(operation, signal, { read, cost: surfaceCost, watch });
  }

  /** Ends the idle hosts of plugins that changed. */
  refresh(): void {
    for (const entry of this.#hosts.values())
      if (entry.host.open === 0 && !this.#options.sources.isCurrent(entry.source)) this.#retire(entry);
  }

  state(): LaneState {
    const hosts = [...this.#hosts.values()].map(({ host, source, endsAt }) => hostState(host, source.name, endsAt));
    return { hosts, starts: this.#starts, crashes: this.#crashes };
  }

  pids(): number[] {
    return [...this.#all].flatMap(({ pid }) => pid ?? []);
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const entry of this.#hosts.values()) this.#retire(entry);
    const all = [...this.#all];
    for (const host of all) if (host.open > 0) host.kill();
    await Promise.all(all.map(({ ended }) => ended));
  }

  async *#flow<Event>(operation: FlowOperation, signal: AbortSignal, how: Flow<Event>): AsyncGenerator<Event, void, void> {
    const { watch } = how;
    const entry = this.#hostOf(operation.plugin);
    try {
      yield* eventFlow({
        begin: (either, take) => this.#attempt(entry.host, operation, { signal: either }, take),
        ...{ read: how.read, cost: how.cost, signal },
        failure: (error) => this.#failure(operation.plugin.name, error, signal),
        ...(watch === undefined ? {} : { watch: (late) => watch(entry.host, late) }),
      });
    } finally {
      this.#rest(entry);
    }
  }

  #attempt(
    host: HostProcess,
    operation: HostOperation,
    limits: { readonly signal: AbortSignal; readonly timeoutMs?: number },
    onChat?: (value: unknown) => void,
  ) {
    const { clock, memoryLimit } = this.#options;
    return attempt(operation, {
      ...{ host, clock, memoryLimit, ...limits },
      onEvent: (event) => {
        if (event.event === 'chat') onChat?.(event.value);
      },
    });
  }

  /** The host of that plugin as it is now; one of an older configuration finishes what it has. */
  #hostOf(source: PluginSource): CallHost {
    if (this.#closed) throw new AppError('DRAINING');
    const known = this.#hosts.get(source.name);
    if (known?.source === source && known.host.jobs < this.#options.recycleAfter) {
      known.stopIdle();
      return known;
    }
    if (known !== undefined) this.#retire(known);
    if (this.#all.size >= MOST_HOSTS) {
      const idle = [...this.#hosts.values()].find(({ host }) => host.open === 0);
      if (idle === undefined) throw new AppError('OVERLOADED', { retryAfter: 5 });
      this.#retire(idle);
    }
    const entry: CallHost = { host: this.#start(() => this.#forget(entry)), source, endsAt: 0, stopIdle: () => {} };
    this.#hosts.set(source.name, entry);
    return entry;
  }

  #start(onExit?: () => void): HostProcess {
    const { environment, onNews } = this.#options;
    this.#starts += 1;
    const host = createHostProcess({
      environment,
      onNews,
      onExit: () => {
        this.#all.delete(host);
        onExit?.();
      },
    });
    this.#all.add(host);
    return host;
  }

  /** After a call: what nobody needs any more ends at once, what is warm waits. */
  #rest(entry: CallHost): void {
    const { clock, keepAliveMs } = this.#options;
    if (entry.host.open > 0 || !this.#all.has(entry.host)) return;
    if (this.#hosts.get(entry.source.name) !== entry || !this.#options.sources.isCurrent(entry.source)) return this.#retire(entry);
    entry.stopIdle();
    entry.endsAt = clock.now() + keepAliveMs;
    entry.stopIdle = clock.after(keepAliveMs, () => this.#retire(entry));
  }

  #retire(entry: CallHost): void {
    this.#forget(entry);
    if (entry.host.open === 0) entry.host.end(DISPOSE_MS);
  }

  #forget(entry: CallHost): void {
    entry.stopIdle();
    if (this.#hosts.get(entry.source.name) === entry) this.#hosts.delete(entry.source.name);
  }

  #failure(plugin: string, error: unknown, signal: AbortSignal): unknown {
    if (signal.aborted) return signal.reason;
    if (this.#closed) return new AppError('DRAINING', { cause: error });
    if (error instanceof WorkerLostError) this.#crashes += 1;
    const failure = error instanceof AppError ? error : new AppError('PLUGIN_FAILED', { params: { plugin }, cause: error });
    const cause = failure.cause instanceof Error ? failure.cause.message : failure.code;
    if (failure.code === 'PLUGIN_FAILED') this.#options.logger.warn({ plugin, reason: cause }, 'plugin failed');
    return failure;
  }

  #probeReason(error: unknown): string {
    const { callMs } = this.#options;
    if (error instanceof WorkerLostError && error.end === 'timeout') return `its import took longer than ${callMs / 1000} s`;
    if (error instanceof WorkerLostError && error.end === 'memory') return 'its import took more memory than a plugin may have';
    if (error instanceof WorkerLostError) return 'its import ended the process';
    return shortReason(error instanceof AppError && error.cause !== undefined ? error.cause : error);
  }
}

function tooLate(ms: number): Error {
  return new Error(`it took longer than ${ms / 1000} s`);
}
