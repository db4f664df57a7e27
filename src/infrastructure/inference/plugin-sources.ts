import { AppError } from '../../lib/app-error.ts';
import type { PluginSource } from './host-protocol.ts';

/** The plugins that may run now. */
export class PluginSources {
  #all = new Map<string, PluginSource>();

  /** A source that says the same as before stays the same object, so that its hosts stay warm. */
  replace(sources: readonly PluginSource[]): void {
    const same = (source: PluginSource): PluginSource => {
      const before = this.#all.get(source.name);
      return before !== undefined && JSON.stringify(before) === JSON.stringify(source) ? before : source;
    };
    this.#all = new Map(sources.map((source) => [source.name, same(source)]));
  }

  /** @throws AppError PLUGIN_DISABLED */
  get(name: string): PluginSource {
    const source = this.#all.get(name);
    if (source === undefined) throw new AppError('PLUGIN_DISABLED', { params: { plugin: name } });
    return source;
  }

  isCurrent(source: PluginSource): boolean {
    return this.#all.get(source.name) === source;
  }
}
