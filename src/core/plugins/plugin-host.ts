import type { JsonValue } from '../../lib/document-store.ts';
import type { ModelEvent, SurfaceModelEvent } from '../base/model-events.ts';
import type { ModelRequest } from '../base/model-interface.ts';
import type { ProcessorInterface, ProcessorOutput, ProcessorRun, WorkLevel } from '../base/processor-interface.ts';
import type { ResourceNeeds } from '../base/resource-aware.ts';
import type { Picture } from '../pictures/picture.ts';
import { checkOutput, checkText, maxTextBytes } from './check-output.ts';
import { type ActionPayload, type PluginCall, type PluginDefinition, pluginApiVersion } from './define-plugin.ts';
import type { ModelSessions } from './model-session.ts';
import { asPluginError, pluginFailed } from './plugin-error.ts';
import type { PluginSource } from './plugin-source.ts';
import { checkedSurfaceEvent, type LoadedPlugin, type SurfaceCall, type SurfaceOutput, settingsFor, surfaceEvents } from './surface-run.ts';

/** What the process around it brings: nothing native is known here. */
export interface PluginHostOptions {
  /** @returns the namespace of the module at a file URL */
  readonly importModule: (url: string) => Promise<unknown>;
  readonly sessionsFor: (source: PluginSource) => ModelSessions;
  /** One line for the operator, already cut to size and rate. */
  readonly log: (plugin: string, level: 'info' | 'warn', line: string) => void;
}

/** One run of a processor, its pictures decoded. */
export interface PluginWork {
  readonly kind: string;
  readonly params: Readonly<Record<string, JsonValue>>;
  readonly level: WorkLevel;
  readonly pictures: readonly Picture[];
  readonly granted: ResourceNeeds;
}

/** A command or an action without a processor. */
export interface PluginCallOrder extends Omit<PluginCall, 'signal'> {
  readonly kind: 'command' | 'action';
  readonly name: string;
  readonly args?: readonly string[];
  readonly payload?: ActionPayload;
}

const surfaceTypes: ReadonlySet<string> = new Set<SurfaceModelEvent['type']>([
  'step',
  'element',
  'actions',
  'ask',
  'tasks',
  'remove',
  'toast',
]);
const SETUP_MS = 10_000;
const DISPOSE_MS = 2000;
const LINE_LENGTH = 200;
const LINES_A_SECOND = 10;

/**
 * Runs the behaviour of plugins: sets each up once, calls it, holds it to its contract and puts its name on what goes
 * wrong. Lives in the inference host, never in the server; a deadline that a blocked loop cannot keep is the server's business.
 */
export class PluginHost {
  readonly #options: PluginHostOptions;
  readonly #loaded = new Map<string, Promise<LoadedPlugin>>();
  readonly #ending = new AbortController();

  constructor(options: PluginHostOptions) {
    this.#options = options;
  }

  /** Only imports a plugin: what it exports is judged by the loader. @throws AppError PLUGIN_FAILED with the reason as its cause */
  async probe(source: PluginSource): Promise<void> {
    try {
      await this.#options.importModule(source.moduleUrl);
    } catch (error) {
      throw asPluginError(source.name, error);
    }
  }

  /** Sets a plugin up; later calls find it ready. @throws AppError */
  async setUp(source: PluginSource): Promise<void> {
    await this.#load(source);
  }

  /** @throws AppError; the signal's reason when aborted */
  async process(source: PluginSource, work: PluginWork, run: ProcessorRun): Promise<ProcessorOutput> {
    const { definition, behaviour } = await this.#load(source);
    const declared = definition.processors?.[work.kind];
    const processor = behaviour.processors?.[work.kind];
    if (declared === undefined || processor === undefined) throw pluginFailed(source.name, `it brings no processor ${work.kind}`);
    try {
      const params = declared.params.parse(work.params);
      processor.allocateResources(work.granted);
      const { pictures, level } = work;
      return checkOutput(await anyParams(processor).process({ pictures, params, level }, run));
    } catch (error) {
      run.signal.throwIfAborted();
      throw asPluginError(source.name, error);
    } finally {
      processor.releaseResources();
    }
  }

  /** @returns Markdown of at most 64 KiB. @throws AppError; the signal's reason when aborted */
  async call(source: PluginSource, order: PluginCallOrder, signal: AbortSignal): Promise<string> {
    const { definition, behaviour } = await this.#load(source);
    signal.throwIfAborted();
    const { kind, name, args = [], payload = {}, locale } = order;
    try {
      const settings = settingsFor(definition, order.settings);
      const call = { signal, locale, settings };
      if (kind === 'action') {
        const action = behaviour.actions?.[name];
        if (action === undefined) throw new Error(`it brings no action ${name}`);
        return checkText(await action(payload, call));
      }
      const command = behaviour.commands?.[name];
      if (command === undefined) throw new Error(`it brings no command ${name}`);
      return await textOf(command(args, call), signal);
    } catch (error) {
      signal.throwIfAborted();
      throw asPluginError(source.name, error);
    }
  }

  /** The events of a plugin's chat model as it yields them. @throws AppError */
  async *stream(source: PluginSource, request: ModelRequest, signal: AbortSignal): AsyncGenerator<ModelEvent, void, void> {
    const loaded = await this.#load(source);
    const model = loaded.behaviour.chatModels?.[request.model];
    if (model === undefined) throw pluginFailed(source.name, `it brings no chat model ${request.model}`);
    try {
      for await (const event of model(request, { signal })) yield isSurface(event) ? checkedSurfaceEvent(loaded, event, 'model') : event;
    } catch (error) {
      if (signal.aborted) return;
      throw asPluginError(source.name, error);
    }
  }

  /** What a hook, an answer to a question or an action shows, as it makes it. @throws AppError; ends without a further event when aborted */
  async *surface(source: PluginSource, call: SurfaceCall, signal: AbortSignal): AsyncGenerator<SurfaceOutput, void, void> {
    const loaded = await this.#load(source);
    try {
      yield* surfaceEvents(loaded, call, signal);
    } catch (error) {
      if (signal.aborted) return;
      throw asPluginError(source.name, error);
    }
  }

  /** Tells every plugin that the process ends, and waits for each at most 2 s. */
  async dispose(): Promise<void> {
    this.#ending.abort(new Error('the process ends'));
    const all = [...this.#loaded.values()].map(async (loading) => {
      const { behaviour } = await loading;
      for (const processor of Object.values(behaviour.processors ?? {})) await processor.release();
      await behaviour.dispose?.();
    });
    await within(Promise.allSettled(all), DISPOSE_MS).catch(() => {});
  }

  #load(source: PluginSource): Promise<LoadedPlugin> {
    const known = this.#loaded.get(source.name);
    if (known !== undefined) return known;
    const loading = this.#setUp(source).catch((error: unknown) => {
      this.#loaded.delete(source.name);
      throw asPluginError(source.name, error);
    });
    this.#loaded.set(source.name, loading);
    return loading;
  }

  async #setUp(source: PluginSource): Promise<LoadedPlugin> {
    const definition = await this.#definitionOf(source);
    const context = {
      config: definition.config?.parse(source.config) ?? {},
      log: this.#logOf(source.name),
      signal: this.#ending.signal,
      models: this.#options.sessionsFor(source),
      folder: source.folder,
    };
    const behaviour = await within(
      Promise.resolve().then(() => definition.setup(context)),
      SETUP_MS,
    );
    if (typeof behaviour !== 'object' || behaviour === null) throw new Error('its setup gave no behaviour');
    return { definition, behaviour };
  }

  async #definitionOf(source: PluginSource): Promise<PluginDefinition> {
    const module = await this.#options.importModule(source.moduleUrl);
    const definition = typeof module === 'object' && module !== null && 'default' in module ? module.default : undefined;
    if (!isDefinition(definition)) throw new Error('its module has no default export made with definePlugin');
    return definition;
  }

  #logOf(plugin: string) {
    let second = 0;
    let lines = 0;
    const write = (level: 'info' | 'warn', line: string) => {
      const now = Math.floor(performance.now() / 1000);
      lines = now === second ? lines + 1 : 1;
      second = now;
      if (lines <= LINES_A_SECOND) this.#options.log(plugin, level, String(line).slice(0, LINE_LENGTH));
    };
    return { info: (line: string) => write('info', line), warn: (line: string) => write('warn', line) };
  }
}

function isSurface(event: ModelEvent): event is SurfaceModelEvent {
  return surfaceTypes.has(event.type);
}

/** Only what this class relies on; the loader of the server checks the rest with sentences for the author. */
function isDefinition(value: unknown): value is PluginDefinition {
  if (typeof value !== 'object' || value === null) return false;
  return (
    'name' in value &&
    'apiVersion' in value &&
    value.apiVersion === pluginApiVersion &&
    'setup' in value &&
    typeof value.setup === 'function'
  );
}

/** Declared with its own parameters, which the declared schema has just parsed. */
function anyParams(processor: ProcessorInterface<never>): ProcessorInterface {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- parsed by the very schema that types them
  return processor as ProcessorInterface;
}

async function textOf(answer: Promise<string> | AsyncIterable<string>, signal: AbortSignal): Promise<string> {
  if (!(Symbol.asyncIterator in answer)) return checkText(await answer);
  const pieces: string[] = [];
  let length = 0;
  for await (const piece of answer) {
    signal.throwIfAborted();
    length += checkText(piece).length;
    if (length > maxTextBytes) break;
    pieces.push(piece);
  }
  if (length > maxTextBytes) throw new Error('its text is longer than 64 KiB');
  return checkText(pieces.join(''));
}

async function within<T>(work: Promise<T>, ms: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`its setup took longer than ${ms / 1000} s`)), ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
