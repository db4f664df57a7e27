import type { CommandRouter } from '../commands/command-router.ts';
import { createPluginCommand, jobStarted, type PluginCommandPorts, pluginAnswer, pluginDone } from '../commands/plugin-command.ts';
import type { Config } from '../config.ts';
import { importPlugin } from '../core/plugins/import-plugin.ts';
import type { RouteGroup } from '../gateway/http/http-app.ts';
import { createPluginRoutes } from '../gateway/http/plugin-routes.ts';
import type { InvokeAction } from '../gateway/ws/action-frames.ts';
import type { InferenceClient } from '../infrastructure/inference/inference-client.ts';
import { AppError } from '../lib/app-error.ts';
import type { Clock } from '../lib/clock.ts';
import type { DocumentStore } from '../lib/document-store.ts';
import type { Logger } from '../lib/logger.ts';
import { createPluginModels } from '../models/plugin/plugin-models.ts';
import type { Conversations } from '../services/conversations/conversations.ts';
import type { MessagingService } from '../services/messaging/messaging-service.ts';
import type { UserService } from '../services/messaging/user-service.ts';
import { PluginCalls, type ShowAction } from '../services/plugins/plugin-calls.ts';
import { PluginCatalogue } from '../services/plugins/plugin-catalogue.ts';
import { type JobsPort, PluginJobs } from '../services/plugins/plugin-jobs.ts';
import type { PluginHosts } from '../services/plugins/plugin-ports.ts';
import { PluginRegistry } from '../services/plugins/plugin-registry.ts';
import type { Uploads } from '../services/ports/uploads.ts';
import type { WiredWeights } from './wire-weights.ts';

/** How often what other processes decided about plugins is looked up. */
const LOOK_MS = 30_000;

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
  readonly inference: InferenceClient;
  readonly weights: WiredWeights;
  readonly users: UserService;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** What plugins join, built after them. */
export interface PluginRooms {
  readonly router: CommandRouter;
  readonly jobs: JobsPort;
  readonly conversations: Conversations;
  readonly uploads: Uploads;
  readonly messaging: MessagingService;
  readonly showAction: ShowAction;
}

export interface Plugins {
  readonly hosts: PluginHosts;
  readonly registry: PluginRegistry;
  readonly catalogue: PluginCatalogue;
  readonly routes: RouteGroup;
  readonly invokeAction: InvokeAction;
  /** Before `start`: gives them their place among commands, jobs and chat models. */
  join(rooms: PluginRooms): void;
  /** Loads them while the database opens. */
  start(storeReady: Promise<void>): Promise<void>;
  /** Takes up what is stored, and where other processes share the store also what they change. @throws StoreUnavailableError */
  restore(shared: boolean): Promise<void>;
  stop(): void;
}

/** The plugins of this server, from the operator's folder and from packages that the operator named. */
export function wirePlugins(config: Config, options: PluginOptions): Plugins {
  const { documents, users, logger } = options;
  const { folder = null, packagesFrom = '' } = options.folders ?? {};
  let joined: Joined | null = null;
  const hosts = hostsOf(options.inference);
  const { weights } = options.weights;
  const registry: PluginRegistry = new PluginRegistry({
    places: { folder, packages: config.plugins, packagesFrom },
    documents,
    hosts,
    weights,
    logger,
    commandRefusal: (name) => joined?.router.refusal(name) ?? null,
    importModule: importPlugin,
  });
  let stopLooking = () => {};
  const look = () => {
    registry.restore().catch((error: unknown) => logger.debug({ error }, 'plugins could not be looked up'));
  };
  const providers = () => options.inference.state().providers;
  const catalogue = new PluginCatalogue({ registry, documents, weights, providers, processes: () => pluginProcesses(options.inference) });
  registry.onChange(() => {
    for (const session of users.all()) session.send({ type: 'plugins.updated' });
  });
  return {
    hosts,
    registry,
    catalogue,
    routes: (identities) => createPluginRoutes({ plugins: catalogue, identities }),
    async invokeAction(user, call, signal) {
      if (joined === null) throw new AppError('NOT_FOUND');
      const result = await joined.calls.invokeAction(user, call, signal);
      if ('job' in result) return jobStarted(result.job);
      return result.text === null ? pluginDone(result.plugin) : pluginAnswer(result.plugin, result.text);
    },
    join(rooms) {
      joined = joinRooms(rooms, { registry, catalogue, hosts, documents });
    },
    async start(storeReady) {
      await Promise.all([registry.load().then(() => options.weights.declare(registry)), storeReady]);
      if (joined !== null) addCommands(registry, joined);
      addChatModels(registry, hosts, { config, clock: options.clock, messaging: joined?.messaging });
    },
    async restore(shared) {
      await registry.restore();
      if (shared) stopLooking = options.clock.every(LOOK_MS, look);
    },
    stop: () => stopLooking(),
  };
}

interface Joined extends PluginRooms {
  readonly calls: PluginCalls;
  readonly starts: PluginJobs;
}

interface PluginParts {
  readonly registry: PluginRegistry;
  readonly catalogue: PluginCatalogue;
  readonly hosts: PluginHosts;
  readonly documents: DocumentStore;
}

function joinRooms(rooms: PluginRooms, parts: PluginParts): Joined {
  const { jobs, conversations, uploads, showAction } = rooms;
  const fileOf = (ownerId: string, fileId: string) => uploads.get(ownerId, fileId);
  const calls = new PluginCalls({ ...parts, jobs, fileOf, showAction });
  return { ...rooms, calls, starts: new PluginJobs({ ...parts, jobs, conversations, fileOf }) };
}

function addCommands(registry: PluginRegistry, { router, calls, starts }: Joined): void {
  const ports: PluginCommandPorts = {
    isReady: (plugin) => registry.entry(plugin).state === 'ready',
    paramNames: (kind) => starts.paramNames(kind),
    startJob: (user, plugin, request) => starts.start(user, plugin, request),
    runCommand: (user, call, signal) => calls.runCommand(user, call, signal),
  };
  for (const { name, loaded } of registry.entries()) {
    for (const spec of loaded.definition?.commands ?? []) router.register(createPluginCommand(name, spec, ports), name);
  }
}

interface ChatModelParts {
  readonly config: Config;
  readonly clock: Clock;
  readonly messaging: MessagingService | undefined;
}

function addChatModels(registry: PluginRegistry, hosts: PluginHosts, { config, clock, messaging }: ChatModelParts): void {
  const declared = registry
    .entries()
    .flatMap((entry) => (entry.loaded.definition?.chatModels ?? []).map((model) => ({ entry, info: { ...model, provider: entry.name } })));
  if (declared.length === 0) return;
  const { firstTokenMs, firstTokenThinkingMs, gapMs, totalMs } = config.limits;
  const provider = createPluginModels({
    list: () => declared.filter(({ entry }) => entry.state === 'ready').map(({ entry, info }) => ({ plugin: entry.name, info })),
    stream: (order, signal) => hosts.streamChatModel(order, signal),
    onEnd: (plugin, failed) => registry.noteOutcomeOf(registry.entry(plugin), failed ? 'plugin-failed' : 'succeeded'),
    clock,
    timeouts: { firstTokenMs, thinkingFirstTokenMs: firstTokenThinkingMs, gapMs, totalMs },
  });
  messaging?.registerModel(provider);
}

function pluginProcesses(inference: InferenceClient) {
  const { work, calls } = inference.state().lanes;
  return [...work.hosts, ...calls.hosts].flatMap(({ plugin, status: state, endsAt }) =>
    plugin === undefined ? [] : [{ plugin, state, ...(endsAt === undefined ? {} : { endsAt }) }],
  );
}

/** The host's client, with the one kind of event whose part may be absent made whole. */
function hostsOf(inference: InferenceClient): PluginHosts {
  return {
    probe: (sources) => inference.probe(sources),
    configure: (sources) => inference.configure(sources),
    callPlugin: (order, signal) => inference.callPlugin(order, signal),
    streamSurface: (order, signal) => inference.streamSurface(order, signal),
    async *streamChatModel(order, signal) {
      for await (const event of inference.streamChatModel(order, signal)) {
        yield event.type === 'raw' ? { type: 'raw', part: event.part } : event;
      }
    },
  };
}
