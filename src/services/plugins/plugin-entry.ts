import { fittingValues, type LoadedPlugin } from '../../core/index.ts';
import type { PluginInfo } from '../../protocol/index.ts';
import { FailureBreaker } from './failure-breaker.ts';
import { valuesFor } from './parse-plugin-form.ts';
import type { PluginRecord, PluginValues } from './plugin-record.ts';

/** One plugin of this server: what was loaded, and what was decided about it. */
export class PluginEntry {
  readonly loaded: LoadedPlugin;
  readonly breaker = new FailureBreaker();
  #record: PluginRecord;
  #config: PluginValues = {};

  constructor(loaded: LoadedPlugin) {
    this.loaded = loaded;
    this.#record = { id: loaded.name, enabled: true };
    this.accept(this.#record);
  }

  get name(): string {
    return this.loaded.name;
  }

  get record(): PluginRecord {
    return this.#record;
  }

  /** As the plugin gets it, defaults included. */
  get config(): PluginValues {
    return this.#config;
  }

  get state(): PluginInfo['state'] {
    if (this.loaded.refusal !== null) return 'failed';
    if (!this.#record.enabled) return 'disabled';
    return this.#record.broken === undefined ? 'ready' : 'failed';
  }

  /** Why it cannot be used, for an administrator. */
  get reason(): string | undefined {
    if (this.loaded.refusal !== null) return this.loaded.refusal;
    return this.#record.enabled ? this.#record.broken : undefined;
  }

  /** @returns whether its stored configuration fits its schema; what an older version left behind gives way to the defaults */
  accept(record: PluginRecord): boolean {
    this.#record = record;
    const schema = this.loaded.definition?.config;
    if (schema === undefined) return true;
    const stored = record.config ?? {};
    this.#config = valuesFor(schema, stored);
    return Object.keys(fittingValues(schema, stored)).length === Object.keys(stored).length;
  }
}
