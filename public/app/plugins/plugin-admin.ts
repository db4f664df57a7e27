import type { PluginPatchBody } from '../../../src/protocol/rest.ts';
import type { PluginInfo, WeightsInfo } from '../../../src/protocol/work-shapes.ts';
import type { AppState } from '../state/app-state.ts';
import type { FieldValues } from '../state/form-fields.ts';

/** What people and administrators change about plugins. Each shows at once what the server answered. @throws RequestError */
export interface PluginAdmin {
  change(name: string, patch: PluginPatchBody): Promise<void>;
  saveSettings(name: string, values: FieldValues): Promise<void>;
  install(weights: string): Promise<void>;
  remove(weights: string): Promise<void>;
}

export function createPluginAdmin({ rest, plugins }: Pick<AppState, 'rest' | 'plugins'>): PluginAdmin {
  const show = async (answer: Promise<{ plugin?: PluginInfo } | undefined>) => {
    const plugin = (await answer)?.plugin;
    if (plugin === undefined) await plugins.load();
    else plugins.put(plugin);
  };
  const showWeights = async (answer: Promise<{ weights?: WeightsInfo } | undefined>) => {
    const weights = (await answer)?.weights;
    if (weights === undefined) await plugins.load();
    else plugins.receive({ type: 'weights.updated', weights });
  };
  return {
    change: (name, patch) => show(rest.patch(`/api/admin/plugins/${encodeURIComponent(name)}`, patch)),
    saveSettings: (name, values) => show(rest.put(`/api/plugins/${encodeURIComponent(name)}/settings`, { values })),
    install: (name) => showWeights(rest.post(`/api/admin/weights/${encodeURIComponent(name)}`)),
    remove: (name) => showWeights(rest.remove(`/api/admin/weights/${encodeURIComponent(name)}`)),
  };
}
