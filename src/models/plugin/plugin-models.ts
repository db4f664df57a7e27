import { BaseChatModel } from '../../core/base/base-chat-model.ts';
import type { ModelEvent, ModelFailure, ModelFailureCode } from '../../core/base/model-events.ts';
import type { ModelInfo, ModelInterface, ModelRequest, ModelStreamOptions } from '../../core/base/model-interface.ts';
import { AppError } from '../../lib/app-error.ts';
import type { Clock } from '../../lib/clock.ts';
import { type AnswerTimeouts, CallWatch } from '../shared/call-watch.ts';

export interface PluginModelsOptions {
  /** Chat models of the plugins that can be used now. */
  readonly list: () => readonly { readonly plugin: string; readonly info: ModelInfo }[];
  /** Runs the plugin's model in a process of its own. Throws when the plugin or its process fails. */
  readonly stream: (
    order: { readonly plugin: string; readonly model: string; readonly request: ModelRequest },
    signal: AbortSignal,
  ) => AsyncIterable<ModelEvent>;
  /** Told when an answer ended, and whether the plugin failed at it. */
  readonly onEnd: (plugin: string, failed: boolean) => void;
  readonly clock: Clock;
  readonly timeouts: AnswerTimeouts;
}

/** The chat models that plugins answer for. What goes wrong in one is a failure of that answer, and nothing else. */
export function createPluginModels(options: PluginModelsOptions): ModelInterface {
  return new PluginModels(options);
}

class PluginModels extends BaseChatModel<PluginModelsOptions> {
  constructor(options: PluginModelsOptions) {
    super('plugins', '1', options);
  }

  list(): Promise<readonly ModelInfo[]> {
    return Promise.resolve(this.config.list().map(({ info }) => info));
  }

  protected async *generate(request: ModelRequest, { signal }: ModelStreamOptions): AsyncGenerator<ModelEvent> {
    const { list, stream, onEnd, clock, timeouts } = this.config;
    const { model } = request;
    const plugin = list().find(({ info }) => info.id === model)?.plugin;
    if (plugin === undefined) {
      yield failed('The plugin of this model is switched off.', 'plugin_off');
      return;
    }
    // Its first use sets the plugin up and may load a model from the disk.
    const watch = new CallWatch({ signal, clock, timeouts, patient: true });
    const events = stream({ plugin, model, request: requestFor(plugin, request) }, watch.begin())[Symbol.asyncIterator]();
    try {
      for (let waitFor: 'first' | 'next' = 'first'; ; waitFor = 'next') {
        watch.expect(waitFor);
        const next = await watch.untilEnded(events.next());
        watch.rest();
        if (next === undefined || next.done === true) break;
        const { type } = next.value;
        if (type === 'finish' || type === 'failure') onEnd(plugin, false);
        yield next.value;
      }
      if (watch.failure !== undefined) {
        onEnd(plugin, true);
        yield { type: 'failure', failure: watch.failure };
      }
    } catch (error) {
      if (signal.aborted) return;
      const failure = failureOf(plugin, error);
      onEnd(plugin, failure.class === 'plugin_failed');
      yield { type: 'failure', failure };
    } finally {
      watch.close();
      // A process that is stuck may never answer this: nobody waits for it.
      events.return?.().catch(() => {});
    }
  }
}

/** What is the plugin's own of the conversation, under the names that it gave; nothing of others. */
function requestFor(plugin: string, { profile, modes = {}, values, ...request }: ModelRequest): ModelRequest {
  const prefix = `${plugin}.`;
  const own = Object.entries(modes).flatMap(([mode, option]) => (mode.startsWith(prefix) ? [[mode.slice(prefix.length), option]] : []));
  const isOwn = profile?.startsWith(prefix) === true;
  return {
    ...request,
    modes: Object.fromEntries(own),
    ...(isOwn ? { profile: profile.slice(prefix.length), ...(values === undefined ? {} : { values }) } : {}),
  };
}

const told: readonly ModelFailureCode[] = ['BAD_REQUEST', 'MODEL_REFUSED', 'MODEL_UNAVAILABLE', 'MODEL_TIMEOUT', 'RATE_LIMITED'];

/** What the plugin itself wanted to tell the person; nothing of whatever else went wrong. */
function failureOf(plugin: string, error: unknown): ModelFailure {
  const code = error instanceof AppError ? told.find((one) => one === error.code) : undefined;
  if (code === undefined || !(error instanceof AppError))
    return { code: 'MODEL_UNAVAILABLE', message: `The plugin ${plugin} failed.`, class: 'plugin_failed', retryable: true };
  return { code, message: error.message, class: 'plugin_said', retryable: code !== 'BAD_REQUEST' };
}

function failed(message: string, kind: string): ModelEvent {
  return { type: 'failure', failure: { code: 'MODEL_UNAVAILABLE', message, class: kind, retryable: true } };
}
