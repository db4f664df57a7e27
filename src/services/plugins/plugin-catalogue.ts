import { fittingValues } from '../../core/index.ts';
import { AppError } from '../../lib/app-error.ts';
import type { DocumentStore } from '../../lib/document-store.ts';
import { KeyedQueue } from '../../lib/keyed-queue.ts';
import type { PluginInfo, PluginPatchBody, User } from '../../protocol/index.ts';
import { parsePluginForm, valuesFor } from './parse-plugin-form.ts';
import type { PluginEntry } from './plugin-entry.ts';
import { toPluginInfo } from './plugin-infos.ts';
import type { PluginProcess, PluginWeights, SeenProvider } from './plugin-ports.ts';
import { type PluginSettingsRecord, type PluginValues, pluginSettingsCollection, pluginSettingsId } from './plugin-record.ts';
import type { PluginRegistry } from './plugin-registry.ts';

export interface PluginCatalogueOptions {
  readonly registry: PluginRegistry;
  readonly documents: DocumentStore;
  readonly weights: PluginWeights;
  /** What plugins have run on so far, oldest first. */
  readonly providers: () => readonly SeenProvider[];
  /** Processes that run plugins now. */
  readonly processes: () => readonly PluginProcess[];
}

/** What people see of plugins, and what they set. */
export class PluginCatalogue {
  readonly #options: PluginCatalogueOptions;
  /** A change reads before it writes. */
  readonly #changes = new KeyedQueue();

  constructor(options: PluginCatalogueOptions) {
    this.#options = options;
  }

  async list(user: User): Promise<PluginInfo[]> {
    const entries = this.#options.registry.entries();
    const ids = entries.map(({ name }) => pluginSettingsId(user.id, name));
    const stored = ids.length === 0 ? [] : await this.#options.documents.getMany<PluginSettingsRecord>(pluginSettingsCollection.name, ids);
    return entries.map((entry) => this.#info(user, entry, stored.find(({ plugin }) => plugin === entry.name)?.values));
  }

  /** A person's own settings of a plugin, defaults included. */
  async settingsOf(userId: string, entry: PluginEntry): Promise<PluginValues> {
    if (entry.loaded.definition?.userSettings === undefined) return {};
    return settingsFrom(entry, await this.#stored(userId, entry.name));
  }

  /** Changes the named settings of a person. @throws AppError NOT_FOUND; BAD_REQUEST that names the setting */
  async saveSettings(user: User, name: string, values: PluginValues): Promise<PluginInfo> {
    const entry = this.#options.registry.entry(name);
    const schema = entry.loaded.definition?.userSettings;
    if (schema === undefined) throw new AppError('NOT_FOUND');
    const id = pluginSettingsId(user.id, name);
    return this.#changes.run(id, async () => {
      const merged = { ...fittingValues(schema, await this.#stored(user.id, name)), ...values };
      parsePluginForm(name, schema, merged, 'The setting');
      const record: PluginSettingsRecord = { id, ownerId: user.id, plugin: name, values: merged };
      await this.#options.documents.put(pluginSettingsCollection.name, record);
      return this.#info(user, entry, merged);
    });
  }

  /** For an administrator, whose rights were checked. @throws AppError NOT_FOUND; PLUGIN_FAILED; BAD_REQUEST that names the setting */
  async change(admin: User, name: string, { enabled, config }: PluginPatchBody): Promise<PluginInfo> {
    const { registry } = this.#options;
    const entry = registry.entry(name);
    if (config !== undefined) {
      const schema = entry.loaded.definition?.config;
      if (schema === undefined) throw new AppError('BAD_REQUEST', { message: `${name} has no settings.`, params: { field: 'config' } });
      const merged = { ...fittingValues(schema, entry.record.config ?? {}), ...config };
      parsePluginForm(name, schema, merged, 'The setting');
      await registry.setConfig(name, merged);
    }
    if (enabled !== undefined) await registry.setEnabled(name, enabled);
    return this.#info(admin, entry, await this.#stored(admin.id, name));
  }

  #info(user: User, entry: PluginEntry, stored: PluginValues | undefined): PluginInfo {
    const { weights, providers, processes } = this.#options;
    const settings = settingsFrom(entry, stored);
    const facts = { weights: weights.list(), providers: providers(), processes: processes() };
    return toPluginInfo(entry, { admin: user.role === 'admin', ...facts, settings });
  }

  async #stored(userId: string, plugin: string): Promise<PluginValues> {
    const id = pluginSettingsId(userId, plugin);
    return (await this.#options.documents.get<PluginSettingsRecord>(pluginSettingsCollection.name, id))?.values ?? {};
  }
}

/** Values that an older version of the plugin left behind give way to the defaults. */
function settingsFrom({ loaded }: PluginEntry, stored: PluginValues = {}): PluginValues {
  const schema = loaded.definition?.userSettings;
  return schema === undefined ? {} : valuesFor(schema, stored);
}
