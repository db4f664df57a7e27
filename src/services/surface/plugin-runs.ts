import type { SurfaceEvent } from '../../core/index.ts';
import { AppError } from '../../lib/app-error.ts';
import type { Clock } from '../../lib/clock.ts';
import type { Logger } from '../../lib/logger.ts';
import type { PluginEntry } from '../plugins/plugin-entry.ts';
import type { PluginHosts, SurfaceOrder } from '../plugins/plugin-ports.ts';
import type { PluginRegistry } from '../plugins/plugin-registry.ts';

/** `plugin` and the person's settings of it are added here. */
export type PluginTask = SurfaceOrder extends infer Order ? (Order extends unknown ? Omit<Order, 'plugin'> : never) : never;

export interface PluginRunsOptions {
  readonly hosts: Pick<PluginHosts, 'streamSurface'>;
  readonly registry: Pick<PluginRegistry, 'noteOutcomeOf'>;
  readonly clock: Clock;
  readonly logger: Logger;
}

export interface RunOptions {
  readonly signal: AbortSignal;
  readonly take: (event: SurfaceEvent | { readonly type: 'note' }) => Promise<void> | void;
  /** The whole run ends by then with PLUGIN_FAILED. */
  readonly limitMs?: number;
}

/** However steadily a plugin goes on. The host ends one that is silent for ten seconds. */
export const MAX_RUN_MS = 5 * 60_000;

/** Runs what plugins show, each failure counted for the breaker and logged without a word of its content. */
export class PluginRuns {
  readonly #options: PluginRunsOptions;

  constructor(options: PluginRunsOptions) {
    this.#options = options;
  }

  /**
   * Resolves when the plugin has said all, and all of it was taken.
   * @throws AppError PLUGIN_FAILED, also for what `take` refuses; what the plugin told the person; the signal's reason when aborted
   */
  async run(entry: PluginEntry, task: PluginTask, { signal, take, limitMs = MAX_RUN_MS }: RunOptions): Promise<void> {
    const { hosts, registry, clock } = this.#options;
    const late = new AbortController();
    const cancel = clock.after(limitMs, () => late.abort());
    const ended = AbortSignal.any([signal, late.signal]);
    try {
      for await (const event of untilAborted(hosts.streamSurface({ plugin: entry.name, ...task }, ended), ended)) await take(event);
      signal.throwIfAborted();
      if (late.signal.aborted) throw failed(entry);
      registry.noteOutcomeOf(entry, 'succeeded');
    } catch (error) {
      if (signal.aborted) throw error;
      const known = late.signal.aborted ? failed(entry) : AppError.from(error);
      this.#noteFailure(entry, task, known);
      throw known;
    } finally {
      cancel();
    }
  }

  #noteFailure(entry: PluginEntry, task: PluginTask, { code }: AppError): void {
    const what = task.kind === 'hook' ? task.context.hook : task.kind === 'answer' ? task.reply.name : task.name;
    this.#options.logger.warn({ plugin: entry.name, kind: task.kind, what, code }, 'a plugin failed at what it shows');
    if (code === 'PLUGIN_FAILED') this.#options.registry.noteOutcomeOf(entry, 'plugin-failed');
  }
}

/** The events until the signal: a plugin that does not notice is ended behind the back of whoever waits, who is not to wait for that. */
async function* untilAborted<T>(events: AsyncIterable<T>, signal: AbortSignal): AsyncGenerator<T, void, void> {
  const iterator = events[Symbol.asyncIterator]();
  let cut = () => {};
  const aborted = new Promise<{ readonly done: true; readonly value: undefined }>((resolve) => {
    cut = () => resolve({ done: true, value: undefined });
  });
  signal.addEventListener('abort', cut, { once: true });
  try {
    while (!signal.aborted) {
      const next = iterator.next();
      // It may fail when nobody listens any more.
      next.catch(() => {});
      const result = await Promise.race([next, aborted]);
      if (result.done === true || signal.aborted) return;
      yield result.value;
    }
  } finally {
    signal.removeEventListener('abort', cut);
    const left = iterator.return?.();
    if (signal.aborted) left?.catch(() => {});
    else await left;
  }
}

function failed({ name }: PluginEntry): AppError {
  return new AppError('PLUGIN_FAILED', { params: { plugin: name } });
}
