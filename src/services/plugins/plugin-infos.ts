import { z } from 'zod';
import { formOf, type PluginDefinition, type Words } from '../../core/index.ts';
import { isoTime } from '../../lib/clock.ts';
import type { PluginInfo, WeightsInfo } from '../../protocol/index.ts';
import type { PluginEntry } from './plugin-entry.ts';
import type { PluginProcess, SeenProvider } from './plugin-ports.ts';
import type { PluginValues } from './plugin-record.ts';

const jsonValues = z.record(z.string(), z.json());

export interface InfoFacts {
  readonly admin: boolean;
  readonly weights: readonly WeightsInfo[];
  readonly providers: readonly SeenProvider[];
  readonly processes: readonly PluginProcess[];
  /** The person's own settings, defaults included. */
  readonly settings: PluginValues;
}

/** What a person is told of a plugin. Why one failed is for administrators: it may name what is installed. */
export function toPluginInfo(entry: PluginEntry, facts: InfoFacts): PluginInfo {
  const { definition, found } = entry.loaded;
  const { state, reason } = entry;
  const failed = facts.admin && reason !== undefined ? { reason } : {};
  if (definition === null) {
    const unknown = { title: { en: entry.name }, description: { en: '' }, version: '' };
    return { name: entry.name, ...unknown, state, ...failed, processors: [], commands: [], actions: [], starters: [], models: [] };
  }
  const models = facts.weights.filter(({ plugin }) => plugin === found.name || plugin === entry.name);
  const seen = facts.providers.findLast(({ plugin }) => plugin === entry.name);
  return {
    name: entry.name,
    version: definition.version,
    title: definition.title,
    description: definition.description,
    state,
    ...failed,
    ...contributions(definition),
    ...(isBare(models) ? { starters: [] } : {}),
    models,
    ...(seen === undefined ? {} : { provider: { name: seen.provider, reason: seen.reason } }),
    ...(facts.admin ? { hosts: hostsOf(entry.name, facts.processes) } : {}),
    ...forms(definition, entry, facts),
  };
}

/** None of its weights are here: a suggestion would end in a refusal. */
function isBare(models: readonly WeightsInfo[]): boolean {
  return models.length > 0 && models.every(({ state }) => state !== 'bundled' && state !== 'installed');
}

function hostsOf(name: string, processes: readonly PluginProcess[]): PluginInfo['hosts'] {
  const own = processes.filter(({ plugin }) => plugin === name);
  return own.map(({ state, endsAt }) => ({ state, ...(endsAt === undefined ? {} : { endsAt: isoTime(endsAt) }) }));
}

function contributions(definition: PluginDefinition): Pick<PluginInfo, 'processors' | 'commands' | 'actions' | 'starters'> {
  const { name, processors = {}, commands = [], actions = [], starters = [] } = definition;
  return {
    processors: Object.entries(processors).map(([kind, { title, description, icon, input, params }]) => ({
      kind,
      title,
      description,
      ...(icon === undefined ? {} : { icon }),
      input,
      params: formOf(params),
    })),
    commands: commands.map((command) => command.name),
    actions: actions.map(({ id, on, title, icon, processor, params }) => ({
      id: `${name}.${id}`,
      on,
      title,
      ...(icon === undefined ? {} : { icon }),
      ...(processor === undefined ? {} : { kind: processor, params: jsonValues.parse(params ?? {}) }),
    })),
    starters: starters.map(({ title, text }: { title: Words; text: Words }) => ({ title, text })),
  };
}

function forms({ config, userSettings }: PluginDefinition, entry: PluginEntry, facts: InfoFacts): Pick<PluginInfo, 'settings' | 'config'> {
  return {
    ...(userSettings === undefined ? {} : { settings: { form: formOf(userSettings), values: { ...facts.settings } } }),
    ...(config === undefined || !facts.admin ? {} : { config: { form: formOf(config), values: { ...entry.config } } }),
  };
}
