import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { shortReason } from '../../lib/short-reason.ts';
import { checkPlugin, type TakenNames } from './check-plugin.ts';
import type { PluginDefinition } from './define-plugin.ts';
import { type FoundPlugin, findPlugins, type PluginPlaces } from './find-plugins.ts';

/** What came of a plugin: its declarations, or why it cannot be used. */
export type LoadedPlugin = { readonly name: string; readonly found: FoundPlugin } & (
  | { readonly definition: PluginDefinition; readonly refusal: null }
  | { readonly definition: null; readonly refusal: string }
);

export interface LoadOptions {
  readonly places: PluginPlaces;
  /** Imports each in a process of its own first: what throws, hangs or eats memory there is not imported here. */
  readonly probe: (
    found: readonly FoundPlugin[],
  ) => Promise<readonly { readonly name: string; readonly ok: boolean; readonly reason?: string }[]>;
  readonly importModule: (url: string) => Promise<unknown>;
  readonly commandRefusal: TakenNames['commandRefusal'];
}

/** Finds, probes, imports and checks every plugin, one after the other by name. Never throws: what fails is told in its row. */
export async function loadPlugins(options: LoadOptions): Promise<LoadedPlugin[]> {
  const found = await findPlugins(options.places);
  // Of two with one name the first is meant: what the other one's import does must not speak for it.
  const isSecond = (plugin: FoundPlugin) => found.find(({ name }) => name === plugin.name) !== plugin;
  const wanted = found.filter((plugin) => plugin.refusal === undefined && !isSecond(plugin));
  const probed = new Map<string, { ok: boolean; reason?: string }>();
  if (wanted.length > 0) for (const { name, ...outcome } of await options.probe(wanted)) probed.set(name, outcome);
  const loaded: LoadedPlugin[] = [];
  for (const plugin of found) {
    const refusal = plugin.refusal ?? (isSecond(plugin) ? twinRefusal(plugin.name) : refusalOf(probed.get(plugin.name)));
    const outcome = refusal ?? (await load(plugin, loaded, options));
    loaded.push(rowOf(plugin, outcome));
  }
  return loaded;
}

function twinRefusal(name: string): string {
  return `a second plugin has the name “${name}”: remove one of them`;
}

function rowOf(found: FoundPlugin, outcome: PluginDefinition | string): LoadedPlugin {
  if (typeof outcome === 'string') return { name: found.name, found, definition: null, refusal: outcome };
  return { name: outcome.name, found, definition: outcome, refusal: null };
}

function refusalOf(outcome: { ok: boolean; reason?: string } | undefined): string | null {
  if (outcome === undefined) return 'could not be tried in a process of its own';
  return outcome.ok ? null : (outcome.reason ?? 'its module could not be imported');
}

async function load(found: FoundPlugin, before: readonly LoadedPlugin[], options: LoadOptions): Promise<PluginDefinition | string> {
  try {
    const module = await options.importModule(found.moduleUrl);
    const exported = typeof module === 'object' && module !== null && 'default' in module ? module.default : undefined;
    const checked = checkPlugin(exported, found.package === undefined ? found.name : null, takenBy(before, options));
    if ('refusal' in checked) return checked.refusal;
    if (before.some(({ name }) => name === checked.definition.name)) return twinRefusal(checked.definition.name);
    return (await missingFile(found, checked.definition)) ?? checked.definition;
  } catch (error) {
    return `its module could not be imported: ${shortReason(error)}`;
  }
}

function takenBy(before: readonly LoadedPlugin[], { commandRefusal }: LoadOptions): TakenNames {
  const ownerWhere = (has: (definition: PluginDefinition) => boolean) =>
    before.find(({ definition }) => definition !== null && has(definition))?.name;
  return {
    kindOwner: (kind) => ownerWhere(({ processors = {} }) => Object.hasOwn(processors, kind)),
    modelOwner: (model) => ownerWhere(({ models = [] }) => models.some(({ name }) => name === model)),
    chatModelOwner: (id) => ownerWhere(({ chatModels = [] }) => chatModels.some((model) => model.id === id)),
    commandRefusal(name) {
      const owner = ownerWhere(({ commands = [] }) => commands.some((command) => command.name === name));
      return owner === undefined ? commandRefusal(name) : `exists already, in the plugin ${owner}`;
    },
  };
}

/** Weights that come with the plugin have to be there. */
async function missingFile({ folder }: FoundPlugin, { models = [] }: PluginDefinition): Promise<string | null> {
  for (const { source, files, name } of models) {
    if (source.kind !== 'plugin') continue;
    for (const { path, size } of files) {
      const found = await stat(join(folder, path)).catch(() => null);
      if (found === null) return `the file ${path} of its model ${name} is missing in its folder`;
      if (found.size !== size) return `the file ${path} of its model ${name} has ${found.size} bytes, its manifest says ${size}`;
    }
  }
  return null;
}
