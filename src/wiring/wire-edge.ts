import type { Server } from 'node:http';
import type { CommandRouter } from '../commands/command-router.ts';
import type { Config } from '../config.ts';
import { createEmbedRoutes } from '../gateway/http/embed-routes.ts';
import { createHttpApp, type HttpAppDeps } from '../gateway/http/http-app.ts';
import { createHttpServer } from '../gateway/http/http-server.ts';
import { listRoutes, type RouteLine } from '../gateway/http/list-routes.ts';
import { countOpenRequests, type OpenRequests } from '../gateway/http/open-requests.ts';
import { createOriginPolicy, type OriginPolicy } from '../gateway/http/origin-policy.ts';
import type { Readiness } from '../gateway/http/ports.ts';
import { FrameHandlers } from '../gateway/ws/frame-handlers.ts';
import { createWsGateway, type WsGateway } from '../gateway/ws/ws-gateway.ts';
import { usedMemory } from '../infrastructure/process-memory.ts';
import { type Limits, limitsSchema, type User } from '../protocol/index.ts';
import type { Parts } from './parts.ts';
import { wireAdministration } from './wire-administration.ts';
import { wireCommands, wireSettings } from './wire-commands.ts';
import { wireDoctor } from './wire-doctor.ts';
import { wireLibrary } from './wire-library.ts';
import { markTemporary, type PlatformParts, wirePlatform } from './wire-platform.ts';
import { wirePortability } from './wire-portability.ts';
import { wireShares } from './wire-shares.ts';

/** Everything that faces the network. */
export interface Edge {
  readonly server: Server;
  readonly routes: readonly RouteLine[];
  readonly gateway: WsGateway;
  readonly requests: OpenRequests;
  readonly platform: PlatformParts;
}

/** What HTTP and the sockets share. */
interface Shared {
  readonly platform: PlatformParts;
  readonly origins: OriginPolicy;
  readonly router: CommandRouter;
}

export function wireEdge(parts: Parts): Edge {
  const { config, options, chat, people, models, users } = parts;
  const { logger } = options;
  // The platform and the numbers look at the sockets, which need the server, which needs both of them.
  const sockets = () => gateway;
  const platform = wirePlatform(config, {
    logger,
    clock: parts.clock,
    measureMemory: options.measureMemory ?? (() => usedMemory(parts.inference.pids())),
    shed: () => void sockets().shedSlow(),
    exhausted: () => options.onExhausted?.(),
  });
  const { publicUrl, allowedOrigins } = config;
  const origins = createOriginPolicy({ publicUrl, allowedOrigins, isSecure: platform.address.isSecure });
  const settings = wireSettings(chat, users);
  const doctor = wireDoctor(config, { ...parts, platform });
  const router = wireCommands({
    chat,
    people,
    models: models.registry,
    settings,
    doctor,
    plugins: parts.plugins.catalogue,
    jobs: parts.jobs.jobs,
    logger,
  });
  const { messaging } = models;
  parts.plugins.join({
    router,
    jobs: parts.jobs.jobs,
    conversations: chat.conversations,
    uploads: parts.uploads,
    messaging,
    showAction: parts.surface.showAction,
  });
  parts.jobs.guardWith(() => platform.monitor.assertRoom());
  parts.weights.guardWith((_plugin, model) => parts.jobs.needsModel(model));
  const shared = { platform, origins, router };
  const readiness = () => readinessOf(parts, platform);
  const httpApp = createHttpApp({
    ...httpDeps(parts, shared),
    settings,
    readiness,
    streamRoutes: [
      wirePortability(config, { ...parts, platform, settings }),
      parts.surface.fileRoutes(() => platform.monitor.assertRoom()),
    ],
    routes: [
      ...[platform.routes, chat.costs.routes, doctor.routes, wireLibrary(parts), () => createEmbedRoutes(config.embedOrigins)],
      ...[parts.plugins.routes, parts.surface.routes, parts.weights.routes, parts.jobs.routes],
      ...parts.operations.routes({ ...parts, hasher: people.hasher, gateway: sockets, readiness }),
      ...administrationOf(parts),
      ...wireShares(parts, parts.shares, platform),
    ],
  });
  const server = createHttpServer(httpApp, { connections: config.limits.connections, rawHeaders: platform.rawHeaders });
  const gateway = wireSockets(parts, shared, server);
  return { server, gateway, routes: listRoutes(httpApp), platform, requests: countOpenRequests(server) };
}

function httpDeps(
  parts: Parts,
  { platform, origins, router }: Shared,
): Omit<HttpAppDeps, 'settings' | 'readiness' | 'streamRoutes' | 'routes'> {
  const { config, options, clock, people, chat, models, operations, state, surface, temporaryDirectory } = parts;
  const { conversations } = chat;
  return {
    accounts: people.accounts,
    conversations,
    feedback: {
      async set(userId, messageId, feedback) {
        const message = await conversations.setFeedback(userId, messageId, feedback);
        surface.feedback(userId, message, feedback);
        return message;
      },
    },
    models: { list: () => models.registry.list() },
    commands: router,
    uploads: markTemporary(parts.uploads, config),
    uploadLimits: config.uploads,
    temporaryDirectory,
    publicDirectory: options.publicDirectory,
    drain: state,
    hosts: platform.hosts,
    observe: platform.selfTest.observe,
    observeRequest: operations.observer.request,
    assertRoom: () => platform.monitor.assertRoom(),
    lagMs: platform.lag.now,
    address: platform.address,
    origins,
    publicUrl: config.publicUrl,
    clock,
    logger: options.logger,
  };
}

function administrationOf({ chat, people, storage, options }: Parts) {
  const usageOf = (userIds: readonly string[]) => chat.costs.reports.thisMonthOf(userIds);
  const { documents } = storage.database;
  return wireAdministration({ documents, accounts: people.accounts, usageOf, logger: options.logger });
}

function wireSockets(parts: Parts, { platform, origins, router }: Shared, server: Server): WsGateway {
  const { config, options, clock, people, chat, models, users, state } = parts;
  const { accounts } = people;
  const facts = async (user: User | null) => ({
    version: options.version,
    signup: config.signup,
    demo: models.demo,
    // Only who is about to sign in needs to know.
    ...(user === null && !(await accounts.hasAny().catch(() => true)) ? { firstUser: true } : {}),
  });
  const listModels = () => models.registry.list();
  const handlers = new FrameHandlers({
    ...chat,
    users,
    router,
    jobs: parts.jobs.jobs,
    invokeAction: parts.plugins.invokeAction,
    surface: parts.surface.frames,
    listModels,
    limits: limitsOf(config),
    server: facts,
  });
  const ports = {
    users,
    authenticate: (token: string) => accounts.authenticate(token),
    checkSession: (sid: string) => accounts.checkSession(sid),
    isDisabled: (sid: string) => accounts.isDisabled(sid),
    welcome: handlers.welcome.bind(handlers),
    anonymousFrame: handlers.anonymousFrame.bind(handlers),
  };
  return createWsGateway({
    server,
    sessions: accounts,
    origins,
    hosts: platform.hosts,
    rawHeaders: platform.rawHeaders,
    address: platform.address,
    ports,
    limits: { ...config.limits, queueBytes: config.limits.socketQueueBytes, queueEvents: config.limits.socketQueueEvents },
    drain: state,
    observer: parts.operations.observer,
    clock,
    logger: options.logger,
  });
}

function readinessOf({ config, storage, state, plugins, weights, processing, jobs }: Parts, platform: PlatformParts): Readiness {
  const store = storage.database.state();
  const reasons: string[] = [];
  if (store.reason !== undefined) reasons.push(store.reason);
  else if (!state.recovered) reasons.push('The server is starting.');
  // No hindrance, but the operator looks here.
  reasons.push(
    ...config.platform.warnings,
    ...platform.reasons(),
    ...plugins.registry.reasons(),
    ...weights.reasons(),
    ...jobs.reasons(),
    ...processing.reasons(),
  );
  return { ready: store.ready && state.recovered, reasons, ...(jobs.lasting ? {} : { durability: 'none' }) };
}

function limitsOf({ limits, uploads }: Config): Limits {
  // Only what the schema names: what the whole server may spend is not everybody's business.
  const known = {
    ...limits,
    uploadBytes: uploads.maxBytes,
    uploadPixels: uploads.maxPixels,
    uploadSide: uploads.maxSide,
    uploadQuotaBytes: uploads.quotaBytes,
    attachmentsPerMessage: uploads.maxAttachments,
  };
  // Compiling the check would take longer than checking once.
  return limitsSchema.parse(known, { jitless: true });
}
