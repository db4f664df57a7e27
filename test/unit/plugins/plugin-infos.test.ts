import { describe, expect, it } from 'vitest';
import imagine from '../../../plugins/imagine/plugin.ts';
import { checkPlugin } from '../../../src/core/plugins/check-plugin.ts';
import type { WeightsInfo } from '../../../src/protocol/index.ts';
import { PluginEntry } from '../../../src/services/plugins/plugin-entry.ts';
import { toPluginInfo } from '../../../src/services/plugins/plugin-infos.ts';

function startersWhen(states: readonly WeightsInfo['state'][]): number {
  const free = { kindOwner: () => undefined, modelOwner: () => undefined, chatModelOwner: () => undefined, commandRefusal: () => null };
  const plugin = checkPlugin(imagine, 'imagine', free);
  if ('refusal' in plugin) throw new Error(plugin.refusal);
  const found = { name: 'imagine', folder: '/plugins/imagine', moduleUrl: 'file:///plugins/imagine/plugin.ts' };
  const entry = new PluginEntry({ name: 'imagine', found, definition: plugin.definition, refusal: null });
  const licence = { code: 'MIT', weights: 'MIT', holder: 'Somebody' };
  const weights = states.map((state, index) => ({
    name: `model-${index}`,
    plugin: 'imagine',
    title: { en: 'A model' },
    version: '1',
    state,
    size: 0,
    downloadSize: 0,
    memoryMb: 1,
    licence,
  }));
  return toPluginInfo(entry, { admin: false, weights, providers: [], processes: [], settings: {} }).starters.length;
}

describe('what a person is told of a plugin', () => {
  it('suggests nothing that would end in a refusal for want of weights', () => {
    expect(startersWhen(['operator', 'missing', 'installing', 'failed'])).toBe(0);
    expect(startersWhen(['operator', 'installed'])).toBe(1);
    expect(startersWhen(['bundled'])).toBe(1);
    expect(startersWhen([])).toBe(1);
  });
});
