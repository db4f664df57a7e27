import type { CommandRouter } from '../commands/command-router.ts';
import type { Config } from '../config.ts';
import type { ModelManifest } from '../core/index.ts';
import type { RouteGroup } from '../gateway/http/http-app.ts';
import { createPluginRoutes } from '../gateway/http/plugin-routes.ts';
import type { InferenceClient } from '../infrastructure/inference/inference-client.ts';
import { AppError } from '../lib/app-error.ts';
import type { DocumentStore } from '../lib/document-store.ts';
import type { Logger } from '../lib/logger.ts';
import type { UserService } from '../services/messaging/user-service.ts';
import { PluginCatalogue } from '../services/plugins/plugin-catalogue.ts';
import type { PluginHosts, PluginWeights } from '../services/plugins/plugin-ports.ts';
import { PluginRegistry } from '../services/plugins/plugin-registry.ts';

/** Where plugins lie. */
export interface PluginFolders {
  /** Null: no folder is looked at. */
  readonly folder: string | null;
  /** Packages named in PLUGINS are looked for in its `node_modules` and those above. */
  readonly packagesFrom: string;
}

export interface PluginOptions {
  readonly folders: PluginFolders | undefined;
  readonly documents: DocumentStore;
  readonly inference: InferenceClient & Partial<PluginHosts>;
  readonly users: UserService;
  readonly logger: Logger;
}

export interface Plugins {
  readonly registry: PluginRegistry;
  readonly catalogue: PluginCatalogue;
  readonly routes: RouteGroup;
  /** Before `start`: names of commands are checked against these. */
  joinCommands(router: CommandRouter): void;
  /** Loads them while the database opens, then takes up what is stored. */
  start(storeReady: Promise<void>): Promise<void>;
}

/** The plugins of this server, from the operator's folder and from packages that the operator named. */
export function wirePlugins(config: Config, options: PluginOptions): Plugins {
  const { documents, users, logger } = options;
  const { folder = null, packagesFrom = '' } = options.folders ?? {};
  let router: CommandRouter | undefined;
  const weights = bundledWeights(() => registry);
  const registry: PluginRegistry = new PluginRegistry({
    places: { folder, packages: config.plugins, packagesFrom },
    documents,
    hosts: hostsOf(options.inference),
    weights,
    logger,
    commandRefusal: (name) => router?.refusal(name) ?? null,
    importModule: (url) => import(url),
  });
  const catalogue = new PluginCatalogue({ registry, documents, weights, providers: () => [] });
  registry.onChange(() => {
    for (const session of users.all()) session.send({ type: 'plugins.updated' });
  });
  return {
    registry,
    catalogue,
    routes: (identities) => createPluginRoutes({ plugins: catalogue, identities }),
    joinCommands(joined) {
      router = joined;
    },
    async start(storeReady) {
      await Promise.all([registry.load(), storeReady]);
      await registry.restore();
    },
  };
}

/** Until the host can run plugins: they load unprobed, and what they do is refused. */
function hostsOf(inference: Partial<PluginHosts>): PluginHosts {
  return {
    probe: (sources) => inference.probe?.(sources) ?? Promise.resolve(sources.map(({ name }) => ({ name, ok: true }))),
    configure: (sources) => inference.configure?.(sources),
    callPlugin: (order, signal) => inference.callPlugin?.(order, signal) ?? Promise.reject(new AppError('PLUGIN_FAILED')),
    async *streamChatModel(order, signal) {
      const events = inference.streamChatModel?.(order, signal);
      if (events !== undefined) yield* events;
    },
  };
}

/** The weights that plugins bring in their own folders. */
function bundledWeights(registry: () => PluginRegistry): PluginWeights {
  const all = () =>
    registry()
      .entries()
      .flatMap(({ name, loaded }) =>
        (loaded.definition?.models ?? []).map((model) => ({ plugin: name, model, folder: loaded.found.folder })),
      );
  const find = (name: string) => all().find(({ model }) => model.name === name);
  return {
    list: () =>
      all().map(({ plugin, model }) => ({
        name: model.name,
        plugin,
        title: model.title,
        version: model.version,
        state: stateOf(model),
        size: model.files.reduce((sum, { size }) => sum + size, 0),
        downloadSize: model.source.kind === 'npm' ? model.source.downloadSize : 0,
        memoryMb: model.memoryMb,
        licence: model.licence,
      })),
    folderOf(name) {
      const found = find(name);
      return found?.model.source.kind === 'plugin' ? found.folder : null;
    },
    graphOf(name) {
      const model = find(name)?.model;
      return model?.graph ?? model?.files.find(({ path }) => path.endsWith('.onnx'))?.path ?? null;
    },
  };
}

function stateOf({ source }: ModelManifest): 'bundled' | 'missing' | 'operator' {
  if (source.kind === 'npm') return 'missing';
  return source.kind === 'operator' ? 'operator' : 'bundled';
}
