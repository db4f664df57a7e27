import type { FormValues } from '../../core/index.ts';
import type { CollectionSpec } from '../../lib/document-store.ts';

export type PluginValues = Readonly<FormValues>;

/** What an administrator, or the breaker, decided about a plugin. A plugin without a row is enabled and has its defaults. */
export type PluginRecord = {
  /** The plugin's name. */
  readonly id: string;
  readonly enabled: boolean;
  /** Why the server switched it off by itself. */
  readonly broken?: string;
  /** Only what was set; the plugin's schema gives the rest. */
  readonly config?: PluginValues;
};

/** A person's own settings of one plugin. */
export type PluginSettingsRecord = {
  readonly id: string;
  readonly ownerId: string;
  readonly plugin: string;
  readonly values: PluginValues;
};

export const pluginsCollection: CollectionSpec = { name: 'plugins', indexes: [{ name: 'byId', fields: ['id'] }] };
export const pluginSettingsCollection: CollectionSpec = {
  name: 'pluginSettings',
  indexes: [{ name: 'byOwner', fields: ['ownerId', 'id'] }],
};
export const pluginCollections = [pluginsCollection, pluginSettingsCollection];

export function pluginSettingsId(ownerId: string, plugin: string): string {
  return `${ownerId}_${plugin}`;
}
