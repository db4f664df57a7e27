import type { ModelManifest } from '../../core/index.ts';
import { AppError } from '../../lib/app-error.ts';
import type { Logger } from '../../lib/logger.ts';
import { shortReason } from '../../lib/short-reason.ts';
import type { WeightsInfo } from '../../protocol/index.ts';
import { graphFileOf, infoOf, installOrderOf, placeOf } from './weights-info.ts';
import type { FoundModel, InstallEvents, ModelStore } from './weights-ports.ts';

/** A plugin's folder and the weights that it declares. */
export interface WeightsOwner {
  readonly plugin: string;
  /** Absolute. */
  readonly folder: string;
  readonly models: readonly ModelManifest[];
}

export interface WeightsOptions {
  readonly store: ModelStore;
  readonly logger: Logger;
  /** Whether work that runs or waits needs them now. */
  readonly isInUse?: (plugin: string, model: string) => boolean;
}

/** What is known of one model. */
export interface DeclaredModel {
  readonly plugin: string;
  readonly folder: string;
  readonly manifest: ModelManifest;
  found: FoundModel;
  /** Of the last installation. */
  failure: string | undefined;
  installing: Installing | undefined;
}

interface Installing {
  readonly stop: AbortController;
  done: Promise<void>;
  progress: number | null;
  /** Its turn has come. */
  begun: boolean;
}

/** Told when a row changed. `usable`: whether what can be used changed, and not only a number. */
export type WeightsListener = (info: WeightsInfo, usable: boolean) => void;

const nothing: FoundModel = { folder: null, complete: false, size: 0 };

/** The weights that plugins declare: which are there, and how the others come. */
export class Weights {
  readonly #options: WeightsOptions;
  readonly #models = new Map<string, DeclaredModel>();
  readonly #listeners: WeightsListener[] = [];
  /** One after the other: each takes the whole line and a core. */
  #queue: Promise<unknown> = Promise.resolve();
  #isClosed = false;

  constructor(options: WeightsOptions) {
    this.#options = options;
  }

  /** Takes up what plugins declare, and looks what is there. A name that is declared twice belongs to the first. */
  async declare(owners: readonly WeightsOwner[]): Promise<void> {
    for (const { plugin, folder, models } of owners) {
      for (const manifest of models) {
        if (this.#models.has(manifest.name)) continue;
        this.#models.set(manifest.name, { plugin, folder, manifest, found: nothing, failure: undefined, installing: undefined });
      }
    }
    await this.refresh();
  }

  /** Looks again: an operator may have brought or removed files. */
  async refresh(): Promise<void> {
    for (const model of this.#models.values()) if (model.installing === undefined) await this.#inspect(model);
  }

  list(): WeightsInfo[] {
    return [...this.#models.values()].map(infoOf);
  }

  /** Absolute; null when they are not complete. */
  folderOf(name: string): string | null {
    const found = this.#models.get(name)?.found;
    return found?.complete === true ? found.folder : null;
  }

  /** Relative to the folder; null for a name that no plugin declares. */
  graphOf(name: string): string | null {
    const model = this.#models.get(name);
    return model === undefined ? null : graphFileOf(model.manifest);
  }

  onChange(listener: WeightsListener): void {
    this.#listeners.push(listener);
  }

  /**
   * Resolves when they are there. Two calls at once are one installation; what is there already is not fetched again.
   * @throws AppError NOT_FOUND, BAD_REQUEST for weights that cannot be installed; Error with the reason when it fails
   */
  install(name: string, events: Partial<InstallEvents> = {}): Promise<void> {
    const model = this.#model(name);
    const stop = events.signal;
    const abort = () => model.installing?.stop.abort(stop?.reason);
    stop?.addEventListener('abort', abort, { once: true });
    return this.#started(model, events).finally(() => stop?.removeEventListener('abort', abort));
  }

  /** Begins and does not wait: what becomes of it is told by the rows. @throws AppError NOT_FOUND, BAD_REQUEST */
  begin(name: string): WeightsInfo {
    const model = this.#model(name);
    // Its failure is in the row and in the log.
    this.#started(model, {}).catch(() => {});
    return infoOf(model);
  }

  /** @throws AppError NOT_FOUND, BAD_REQUEST for weights that came with the program, MODEL_IN_USE */
  async remove(name: string): Promise<WeightsInfo> {
    const model = this.#model(name);
    if (model.manifest.source.kind !== 'npm') {
      throw new AppError('BAD_REQUEST', { message: 'Only weights that were installed here can be removed.' });
    }
    const { installing } = model;
    if (installing !== undefined) {
      installing.stop.abort(new Error('it was stopped'));
      // One that waits for its turn may wait for minutes: it will find itself stopped.
      if (installing.begun) await installing.done.catch(() => {});
      else model.installing = undefined;
    }
    if (this.#options.isInUse?.(model.plugin, name) === true) throw new AppError('MODEL_IN_USE');
    await this.#options.store.remove(name);
    model.failure = undefined;
    await this.#inspect(model);
    this.#tell(model, false);
    return infoOf(model);
  }

  /** Stops what is being installed. */
  async close(): Promise<void> {
    this.#isClosed = true;
    for (const { installing } of this.#models.values()) installing?.stop.abort(new Error('the server is ending'));
    await this.#queue;
  }

  #model(name: string): DeclaredModel {
    const model = this.#models.get(name);
    if (model === undefined) throw new AppError('NOT_FOUND');
    return model;
  }

  #started(model: DeclaredModel, events: Partial<InstallEvents>): Promise<void> {
    if (model.installing !== undefined) return model.installing.done;
    const order = installOrderOf(model.manifest);
    if (order === null) {
      if (model.found.complete) return Promise.resolve();
      throw new AppError('BAD_REQUEST', {
        message: 'These weights cannot be installed: they come with the program or are brought by the operator.',
      });
    }
    if (model.found.complete) return Promise.resolve();
    const installing: Installing = { stop: new AbortController(), done: Promise.resolve(), progress: null, begun: false };
    installing.done = this.#next(() => this.#install(model, installing, events));
    model.installing = installing;
    model.failure = undefined;
    this.#tell(model, false);
    return installing.done;
  }

  #next(run: () => Promise<void>): Promise<void> {
    const done = this.#queue.then(run);
    this.#queue = done.catch(() => {});
    return done;
  }

  async #install(model: DeclaredModel, installing: Installing, events: Partial<InstallEvents>): Promise<void> {
    const { store, logger } = this.#options;
    const { signal } = installing.stop;
    installing.begun = true;
    const order = installOrderOf(model.manifest);
    const onProgress = (percent: number | null) => {
      if (installing.progress === percent) return;
      installing.progress = percent;
      events.onProgress?.(percent);
      this.#tell(model, false);
    };
    try {
      if (order === null || this.#isClosed) throw new Error('the server is ending');
      signal.throwIfAborted();
      await store.install(order, { signal, onProgress });
      logger.info({ model: order.name, plugin: model.plugin }, 'weights were installed');
    } catch (error) {
      if (!signal.aborted) {
        model.failure = shortReason(error);
        logger.warn({ model: model.manifest.name, plugin: model.plugin, reason: model.failure }, 'weights could not be installed');
      }
      throw error;
    } finally {
      if (model.installing === installing) model.installing = undefined;
      await this.#inspect(model).catch(() => {});
      this.#tell(model, false);
    }
  }

  async #inspect(model: DeclaredModel): Promise<void> {
    const { manifest } = model;
    const before = model.found;
    model.found = await this.#options.store.inspect(placeOf(model), manifest.files, manifest.source.kind !== 'operator');
    if (model.found.complete) model.failure = undefined;
    if (model.found.complete !== before.complete || model.found.folder !== before.folder) this.#tell(model, true);
  }

  #tell(model: DeclaredModel, usable: boolean): void {
    const info = infoOf(model);
    for (const listener of this.#listeners) listener(info, usable);
  }
}
