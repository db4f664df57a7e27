import { isAbsolute, join, relative } from 'node:path';
import { InferenceSession } from 'onnxruntime-node';
import { AppError } from '../../lib/app-error.ts';
import { nativeReason } from './native-reason.ts';
import { fromOnnx, isTensorType, toOnnx } from './onnx-tensors.ts';
import type { ExecutionProvider, ModelLocation, ModelSession, ProviderSeen, Tensor, TensorInfo } from './session-types.ts';

export interface SessionPoolOptions {
  /** Tried in this order where an opener names none. */
  readonly providers: readonly ExecutionProvider[];
  /** Told whenever a model was loaded or had to move to another provider. */
  readonly onProvider?: (seen: ProviderSeen) => void;
  /** What a test puts in the runtime's place. */
  readonly create?: (path: string, options: InferenceSession.SessionOptions) => Promise<InferenceSession>;
}

/** What the work that runs now was given. */
export interface SessionGrant {
  readonly threads: number;
  /** Looked at before and after each run, whatever the plugin does. */
  readonly signal?: AbortSignal;
  /** In bytes; near it, sessions that this work did not open are closed before another one is loaded. */
  readonly memoryLimit?: number;
}

export interface OpenOptions {
  readonly file?: string;
  readonly threads?: number;
  readonly providers?: readonly ExecutionProvider[];
}

/** The models of one plugin; fits `ModelSessions` of the core. */
export interface PluginSessions {
  open(name: string, options?: OpenOptions): Promise<ModelSession>;
  isInstalled(name: string): boolean;
  folder(name: string): string;
  close(name: string, file?: string): Promise<void>;
}

interface Entry {
  readonly key: string;
  readonly model: string;
  readonly file: string;
  readonly path: string;
  readonly threads: number;
  readonly providers: readonly ExecutionProvider[];
  loaded: Promise<Loaded> | null;
  /** Runs that are under way: it is not released before they end. */
  readonly running: Set<Promise<unknown>>;
  /** The last work that opened or ran it. */
  usedBy: number;
}

interface Loaded {
  readonly session: InferenceSession;
  readonly provider: ExecutionProvider;
  readonly reason: string;
}

/** Above this share of what the work may hold, sessions of earlier work are closed first. */
const CROWDED = 0.6;

/**
 * Loaded graphs of one process, kept warm by model, file, providers and threads. There is no automatic fallback in the
 * runtime: each provider is tried by itself, and one that fails at its first run is left for the next, with the reason kept.
 */
export class SessionPool {
  readonly #options: SessionPoolOptions;
  readonly #createSession: NonNullable<SessionPoolOptions['create']>;
  readonly #entries = new Map<string, Entry>();
  readonly #seen = new Map<string, ProviderSeen>();
  #grant: SessionGrant = { threads: 1 };
  #work = 0;
  #used: ExecutionProvider | undefined;

  constructor(options: SessionPoolOptions) {
    this.#options = options;
    this.#createSession = options.create ?? ((path, settings) => InferenceSession.create(path, settings));
  }

  /** What was granted to the work that begins now. */
  begin(grant: SessionGrant): void {
    this.#grant = grant;
    this.#work += 1;
    this.#used = undefined;
  }

  end(): void {
    this.#grant = { threads: 1 };
  }

  /** What the work since `begin` ran on; undefined where it ran no model. */
  get used(): ExecutionProvider | undefined {
    return this.#used;
  }

  /** What each model ran on last. */
  seen(): readonly ProviderSeen[] {
    return [...this.#seen.values()];
  }

  forPlugin(models: readonly ModelLocation[]): PluginSessions {
    const location = (name: string): ModelLocation => {
      const found = models.find((model) => model.name === name);
      if (found === undefined) throw new AppError('MODEL_MISSING', { params: { model: name } });
      return found;
    };
    return {
      open: async (name, options = {}) => this.#open(location(name), options),
      isInstalled: (name) => models.some((model) => model.name === name),
      folder: (name) => location(name).folder,
      close: (name, file) => this.#closeWhere((entry) => entry.model === name && (file === undefined || entry.file === file)),
    };
  }

  closeAll(): Promise<void> {
    return this.#closeWhere(() => true);
  }

  async #open(model: ModelLocation, options: OpenOptions): Promise<ModelSession> {
    const file = options.file ?? model.graph;
    const threads = options.threads ?? this.#grant.threads;
    const providers = options.providers ?? this.#options.providers;
    const key = JSON.stringify([model.name, file, threads, providers]);
    const entry = this.#current({
      ...{ key, model: model.name, file, path: pathInside(model.folder, file), threads, providers },
      ...{ loaded: null, running: new Set(), usedBy: 0 },
    });
    const loaded = await this.#load(entry);
    return this.#handle(entry, loaded);
  }

  /** The entry of that key which is in use; one that was closed comes back as it was, empty. */
  #current(entry: Entry): Entry {
    const current = this.#entries.get(entry.key) ?? entry;
    current.usedBy = this.#work;
    this.#entries.set(entry.key, current);
    return current;
  }

  #handle(opened: Entry, first: Loaded): ModelSession {
    let now = first;
    const run = async (feeds: Readonly<Record<string, Tensor>>): Promise<Readonly<Record<string, Tensor>>> => {
      this.#grant.signal?.throwIfAborted();
      const entry = this.#current(opened);
      now = await this.#load(entry);
      const running = this.#run(entry, now, feeds);
      entry.running.add(running);
      const { outputs, on } = await running.finally(() => entry.running.delete(running));
      now = on;
      this.#used = on.provider;
      await breathe();
      this.#grant.signal?.throwIfAborted();
      return outputs;
    };
    return {
      model: opened.model,
      get provider() {
        return now.provider;
      },
      get providerReason() {
        return now.reason;
      },
      inputs: infosOf(first.session.inputMetadata),
      outputs: infosOf(first.session.outputMetadata),
      run,
    };
  }

  #load(entry: Entry): Promise<Loaded> {
    if (entry.loaded !== null) return entry.loaded;
    const loading = this.#makeRoom().then(() => this.#create(entry, entry.providers, ''));
    entry.loaded = loading;
    loading.catch(() => {
      if (entry.loaded === loading) entry.loaded = null;
    });
    return loading;
  }

  async #create(entry: Entry, providers: readonly ExecutionProvider[], before: string): Promise<Loaded> {
    const reasons = before === '' ? [] : [before];
    for (const provider of providers) {
      try {
        const session = await this.#createSession(entry.path, optionsFor(provider, entry.threads));
        await breathe();
        const loaded = { session, provider, reason: reasons.join(' ') };
        this.#note(entry, loaded);
        return loaded;
      } catch (error) {
        reasons.push(`${provider}: ${nativeReason(error)}.`);
      }
    }
    throw new Error(`The model ${entry.model} cannot be loaded. ${reasons.join(' ')}`);
  }

  async #run(entry: Entry, on: Loaded, feeds: Readonly<Record<string, Tensor>>) {
    const given = toOnnx(feeds);
    try {
      return { outputs: fromOnnx(await on.session.run(given)), on };
    } catch (error) {
      const slower = entry.providers.slice(entry.providers.indexOf(on.provider) + 1);
      if (slower.length === 0) throw error;
      await breathe();
      const next = await this.#create(entry, slower, `${on.reason} ${on.provider}: failed at run, ${nativeReason(error)}.`.trim());
      return { outputs: await this.#moveTo(entry, on, { next, given }), on: next };
    }
  }

  /** The provider is to blame only where the same run succeeds on the next one; else the feeds are, and nothing changes. */
  async #moveTo(entry: Entry, old: Loaded, { next, given }: { next: Loaded; given: ReturnType<typeof toOnnx> }) {
    try {
      const outputs = fromOnnx(await next.session.run(given));
      entry.loaded = Promise.resolve(next);
      await release(old.session);
      return outputs;
    } catch (error) {
      this.#note(entry, old);
      await release(next.session);
      throw error;
    }
  }

  #note(entry: Entry, { provider, reason }: Loaded): void {
    const seen = { model: entry.model, provider, reason };
    this.#seen.set(entry.model, seen);
    this.#options.onProvider?.(seen);
  }

  async #makeRoom(): Promise<void> {
    const { memoryLimit } = this.#grant;
    if (memoryLimit === undefined || process.memoryUsage.rss() < memoryLimit * CROWDED) return;
    await this.#closeWhere((entry) => entry.usedBy !== this.#work);
  }

  async #closeWhere(wanted: (entry: Entry) => boolean): Promise<void> {
    for (const [key, entry] of this.#entries) {
      if (!wanted(entry)) continue;
      this.#entries.delete(key);
      const { loaded } = entry;
      entry.loaded = null;
      await Promise.allSettled(entry.running);
      const done = await loaded?.catch(() => undefined);
      if (done !== undefined) await release(done.session);
    }
  }
}

function optionsFor(provider: ExecutionProvider, threads: number): InferenceSession.SessionOptions {
  return {
    executionProviders: [provider],
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    executionMode: 'sequential',
    graphOptimizationLevel: 'all',
    // With it the second run of MAXIM took 1.9 GB instead of 1.1: the plan's one block comes on top of what the first run holds. No run was slower.
    enableMemPattern: false,
    // Errors are thrown; the native lines on stderr would only repeat them.
    logSeverityLevel: 4,
  };
}

function infosOf(metadata: readonly InferenceSession.ValueMetadata[]): TensorInfo[] {
  return metadata.map((value) => {
    if (!value.isTensor || !isTensorType(value.type)) throw new Error(`the graph has a value ${value.name} of an unsupported type`);
    return { name: value.name, type: value.type, shape: value.shape };
  });
}

/** A manifest is an operator's choice, and still no name in it may lead out of the model's folder. */
function pathInside(folder: string, file: string): string {
  const path = join(folder, file);
  const way = relative(folder, path);
  if (way === '' || way.startsWith('..') || isAbsolute(way)) throw new Error(`the file ${file} lies outside the model's folder`);
  return path;
}

/** Native calls block the loop; twice around it, and a message that waits (a cancel) has been read. */
async function breathe(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
  await new Promise((resolve) => setImmediate(resolve));
}

async function release(session: InferenceSession): Promise<void> {
  await session.release().catch(() => {});
}
