import { isDeepStrictEqual } from 'node:util';
import {
  type FoundPlugin,
  type LoadedPlugin,
  loadPlugins,
  type PluginDefinition,
  type PluginPlaces,
  type ProcessorDeclaration,
} from '../../core/index.ts';
import { AppError } from '../../lib/app-error.ts';
import type { DocumentStore } from '../../lib/document-store.ts';
import { KeyedQueue } from '../../lib/keyed-queue.ts';
import type { Logger } from '../../lib/logger.ts';
import type { JobKind, JobKinds } from '../ports/job-kinds.ts';
import type { PluginOutcome } from './failure-breaker.ts';
import { PluginEntry } from './plugin-entry.ts';
import { createPluginJobKind } from './plugin-job-kind.ts';
import type { PluginHosts, PluginSource, PluginWeights } from './plugin-ports.ts';
import { type PluginRecord, pluginsCollection } from './plugin-record.ts';

export interface PluginRegistryOptions {
  readonly places: PluginPlaces;
  readonly documents: DocumentStore;
  readonly hosts: PluginHosts;
  readonly weights: PluginWeights;
  readonly logger: Logger;
  /** Why a command cannot have this name; null when it can. */
  readonly commandRefusal: (name: string) => string | null;
  readonly importModule: (url: string) => Promise<unknown>;
}

/** The plugins of this server: what each declares, whether it may be used, and what it is configured to. */
export class PluginRegistry implements JobKinds {
  readonly #options: PluginRegistryOptions;
  readonly #entries = new Map<string, PluginEntry>();
  readonly #kinds = new Map<string, { readonly kind: JobKind; readonly entry: PluginEntry }>();
  readonly #listeners: (() => void)[] = [];
  readonly #changes = new KeyedQueue();
  #restored = false;

  constructor(options: PluginRegistryOptions) {
    this.#options = options;
  }

  /** Finds and imports them; needs no database. Never rejects: what fails is told by its state. */
  async load(): Promise<void> {
    const { places, hosts, logger, commandRefusal, importModule } = this.#options;
    const probe = (found: readonly FoundPlugin[]) => hosts.probe(found.map(bareSource));
    for (const loaded of await loadPlugins({ places, probe, importModule, commandRefusal })) {
      // A second one of the same name is refused; the first keeps its place.
      const name = this.#entries.has(loaded.name) ? `${loaded.name}-2` : loaded.name;
      const entry = new PluginEntry({ ...loaded, name });
      this.#entries.set(name, entry);
      if (loaded.refusal !== null) logger.warn({ plugin: name, reason: loaded.refusal }, 'a plugin was refused');
      else this.#declareKinds(entry, loaded.definition);
    }
  }

  /** Takes up what was stored about them, and tells the hosts. Called again it takes up what another process stored since. */
  async restore(): Promise<void> {
    const names = [...this.#entries.keys()];
    if (names.length === 0) return;
    let news = !this.#restored;
    for (const record of await this.#options.documents.getMany<PluginRecord>(pluginsCollection.name, names)) {
      const entry = this.#entries.get(record.id);
      if (entry === undefined || isDeepStrictEqual(entry.record, record)) continue;
      news = true;
      if (!entry.accept(record)) this.#options.logger.warn({ plugin: record.id }, 'the stored settings of a plugin do not fit it any more');
    }
    this.#restored = true;
    if (news) this.#changed();
  }

  find(kind: string): JobKind | null {
    return this.#kinds.get(kind)?.kind ?? null;
  }

  /** Undefined: no plugin declares the kind. */
  declaration(kind: string): ProcessorDeclaration | undefined {
    return this.#kinds.get(kind)?.entry.loaded.definition?.processors?.[kind];
  }

  entries(): readonly PluginEntry[] {
    return [...this.#entries.values()];
  }

  /** @throws AppError NOT_FOUND */
  entry(name: string): PluginEntry {
    const entry = this.#entries.get(name);
    if (entry === undefined) throw new AppError('NOT_FOUND');
    return entry;
  }

  /** @throws AppError NOT_FOUND, PLUGIN_DISABLED, PLUGIN_FAILED */
  ready(name: string): { readonly entry: PluginEntry; readonly definition: PluginDefinition } {
    const entry = this.entry(name);
    const { definition } = entry.loaded;
    if (entry.state === 'disabled') throw new AppError('PLUGIN_DISABLED', { params: { plugin: name } });
    if (entry.state === 'failed' || definition === null) throw new AppError('PLUGIN_FAILED', { params: { plugin: name } });
    return { entry, definition };
  }

  /** Names of those that failed. */
  failed(): string[] {
    return this.entries().flatMap(({ name, state }) => (state === 'failed' ? [name] : []));
  }

  /** One sentence for each that failed, for the operator. */
  reasons(): string[] {
    return this.entries().flatMap(({ name, state, reason }) =>
      state === 'failed' ? [`The plugin ${name} cannot be used: ${reason ?? ''}.`] : [],
    );
  }

  /** Counts how work of a kind ended; too many failures in a row switch the plugin off. */
  noteOutcome(kind: string, outcome: PluginOutcome): void {
    const entry = this.#kinds.get(kind)?.entry;
    if (entry !== undefined) this.noteOutcomeOf(entry, outcome);
  }

  noteOutcomeOf(entry: PluginEntry, outcome: PluginOutcome): void {
    if (!entry.breaker.note(outcome) || entry.state !== 'ready') return;
    const what = outcome === 'worker-lost' ? 'the process that ran it ended again and again' : 'it failed three times in a row';
    const broken = `${what}; the log says why, and an administrator can switch it on again`;
    this.#options.logger.warn({ plugin: entry.name, outcome }, 'a plugin was switched off after failing in a row');
    entry.accept({ ...entry.record, broken });
    this.#changed();
    this.#write(entry, { broken }).catch((error: unknown) =>
      this.#options.logger.warn({ plugin: entry.name, error }, 'the state of a plugin could not be stored'),
    );
  }

  /** @throws AppError NOT_FOUND; PLUGIN_FAILED for one that was refused at load: it needs mending and a restart */
  async setEnabled(name: string, enabled: boolean): Promise<void> {
    const entry = this.entry(name);
    const { refusal } = entry.loaded;
    if (enabled && refusal !== null) {
      throw new AppError('PLUGIN_FAILED', { message: `${name}: ${refusal}. Mend it and restart the server.`, params: { plugin: name } });
    }
    await this.#write(entry, { enabled, broken: undefined });
    entry.breaker.reset();
    this.#changed();
  }

  /** Stores values that were checked before. @throws AppError NOT_FOUND */
  async setConfig(name: string, config: PluginRecord['config'] & object): Promise<void> {
    await this.#write(this.entry(name), { config });
    this.#changed();
  }

  /** Weights came or went: hosts have to know where they lie, and people what can be done. */
  weightsChanged(): void {
    this.#changed();
  }

  onChange(listener: () => void): void {
    this.#listeners.push(listener);
  }

  #declareKinds(entry: PluginEntry, definition: PluginDefinition): void {
    const { weights, logger } = this.#options;
    for (const [kind, declaration] of Object.entries(definition.processors ?? {})) {
      const onFault = (what: string, error: unknown) => {
        logger.warn({ plugin: entry.name, kind, what, error }, 'a declaration of a plugin failed');
        this.noteOutcomeOf(entry, 'plugin-failed');
      };
      const models = definition.models ?? [];
      const job = createPluginJobKind({ kind, entry, declaration, models, pluginVersion: definition.version, weights, onFault });
      this.#kinds.set(kind, { kind: job, entry });
    }
  }

  /** One after the other for each plugin, since a change reads what is there first. */
  #write(entry: PluginEntry, change: Omit<Partial<PluginRecord>, 'broken'> & { readonly broken?: string | undefined }): Promise<void> {
    return this.#changes.run(entry.name, async () => {
      const { broken, ...rest } = { ...entry.record, ...change };
      const record: PluginRecord = { ...rest, ...(broken === undefined ? {} : { broken }) };
      await this.#options.documents.put(pluginsCollection.name, record);
      entry.accept(record);
    });
  }

  #changed(): void {
    this.#options.hosts.configure(this.#sources());
    for (const listener of this.#listeners) listener();
  }

  #sources(): PluginSource[] {
    return this.entries().flatMap((entry) => {
      const { definition, found } = entry.loaded;
      return entry.state === 'ready' && definition !== null ? [this.#sourceOf(entry, definition, found)] : [];
    });
  }

  #sourceOf(entry: PluginEntry, definition: PluginDefinition, found: LoadedPlugin['found']): PluginSource {
    const { weights } = this.#options;
    const models = (definition.models ?? []).flatMap(({ name }) => {
      const folder = weights.folderOf(name);
      const graph = weights.graphOf(name);
      return folder === null || graph === null ? [] : [{ name, folder, graph }];
    });
    return { ...bareSource(found), name: entry.name, version: definition.version, config: entry.config, models };
  }
}

function bareSource({ name, moduleUrl, folder }: FoundPlugin): PluginSource {
  return { name, version: '', moduleUrl, folder, config: {}, models: [] };
}
