import type { JsonValue } from '../../lib/document-store.ts';

/** Where a plugin's code and installed models lie, and how it is configured: all that the inference host needs to know. */
export interface PluginSource {
  readonly name: string;
  readonly version: string;
  /** A file URL whose default export is made with `definePlugin`. */
  readonly moduleUrl: string;
  /** Absolute folder of the files that it brings. */
  readonly folder: string;
  /** As an administrator set it; parsed by the plugin's own schema, which fills in what is missing. */
  readonly config: Readonly<Record<string, JsonValue>>;
  /** The installed ones only. `folder` is absolute, `graph` relative to it. */
  readonly models: readonly { readonly name: string; readonly folder: string; readonly graph: string }[];
}
