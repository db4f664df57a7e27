import type { Server } from 'node:http';
import { join } from 'node:path';
import type { Config } from './config.ts';
import { Metrics, type ModelInterface } from './core/index.ts';
import { createHttpApp } from './gateway/http/http-app.ts';
import { createHttpServer } from './gateway/http/http-server.ts';
import { listRoutes, type RouteLine } from './gateway/http/list-routes.ts';
import { countOpenRequests, type OpenRequests } from './gateway/http/open-requests.ts';
import { createOriginPolicy } from './gateway/http/origin-policy.ts';
import { FrameHandlers } from './gateway/ws/frame-handlers.ts';
import { createWsGateway, type WsGateway } from './gateway/ws/ws-gateway.ts';
import { createInferenceClient, type InferenceClient } from './infrastructure/inference/inference-client.ts';
import { usedMemory } from './infrastructure/process-memory.ts';
import { type Clock, systemClock } from './lib/clock.ts';
import type { Logger } from './lib/logger.ts';
import { StoreUnavailableError } from './lib/store-errors.ts';
import type { Limits, User } from './protocol/index.ts';
import type { ChatTimings } from './services/generations/chat-timings.ts';
import { Housekeeping } from './services/housekeeping.ts';
import { UserService } from './services/messaging/user-service.ts';
import { createUploads, type Uploads } from './services/uploads/uploads.ts';
import { endApp } from './wiring/end-app.ts';
import { type Listening, listen } from './wiring/listen.ts';
import { makeDataDirectory } from './wiring/make-data-directory.ts';
import { wireAdministration } from './wiring/wire-administration.ts';
import { type Chat, wireChat } from './wiring/wire-chat.ts';
import { wireCommands, wireSettings } from './wiring/wire-commands.ts';
import { wireDoctor } from './wiring/wire-doctor.ts';
import { type WiredModels, wireModels } from './wiring/wire-models.ts';
import { type Operations, wireOperations } from './wiring/wire-operations.ts';
import { type People, wirePeople } from './wiring/wire-people.ts';
import { hostMemory, markTemporary, type PlatformParts, wirePlatform } from './wiring/wire-platform.ts';
import { wirePortability } from './wiring/wire-portability.ts';
import { type Storage, wireStorage } from './wiring/wire-storage.ts';

export interface AppOptions {
  readonly logger: Logger;
  /** Where the built client lies. */
  readonly publicDirectory: string;
  readonly version: string;
  /** Called once when the memory is used up: only a new process helps. */
  readonly onExhausted?: () => void;
  /** What a test puts in place of the real thing. */
  readonly clock?: Clock;
  readonly models?: readonly ModelInterface[];
  readonly timings?: Partial<ChatTimings>;
  /** Bytes in use. */
  readonly measureMemory?: (() => Promise<number>) | undefined;
}

export interface App {
  /** Listens first, then opens the store: a slow database never makes a platform give the deployment up. */
  start(): Promise<Listening>;
  /** Resolves when the store is open and what a dead process left behind is mended; rejects when the store can never open. */
  ready(): Promise<void>;
  /** Ends in order: nothing new, sockets told, answers finished or marked, all stored, the store last. Can be called again. */
  close(drainMs?: number): Promise<void>;
  /** Every method and path that is answered over HTTP. */
  routes(): readonly RouteLine[];
}

/** Everything that was built, for the two that use it all: the edge and the end. */
interface Parts {
  readonly config: Config;
  readonly options: AppOptions;
  readonly clock: Clock;
  readonly operations: Operations;
  readonly temporaryDirectory: string;
  readonly storage: Storage;
  readonly users: UserService;
  readonly models: WiredModels;
  readonly people: People;
  readonly inference: InferenceClient;
  readonly uploads: Uploads;
  readonly chat: Chat;
  readonly housekeeping: Housekeeping;
  /** Set once: readiness, new requests and sockets look at it. */
  readonly state: { recovered: boolean; draining: boolean };
}

/** Builds the whole server and starts nothing. With `wiring/` the only place that knows every room. */
export async function createApp(config: Config, options: AppOptions): Promise<App> {
  const parts = await createParts(config, options);
  const edge = createEdge(parts);
  let opening: Promise<void> | null = null;
  let closing: Promise<void> | null = null;
  return {
    async start() {
      parts.models.messaging.run();
      const listening = await listen(edge.server, config);
      edge.platform.start();
      parts.operations.start();
      opening = open(parts);
      // Whoever awaits `ready` gets the error; nobody else is to be surprised by it.
      opening.catch(() => {});
      return listening;
    },
    ready: () => opening ?? Promise.reject(new Error('the app was not started')),
    close(drainMs = config.drainMs) {
      closing ??= endApp(parts, edge, drainMs);
      return closing;
    },
    routes: () => edge.routes,
  };
}

async function createParts(config: Config, options: AppOptions): Promise<Parts> {
  const { logger, clock = systemClock } = options;
  const temporaryDirectory = join(config.dataDir, 'tmp');
  await makeDataDirectory(temporaryDirectory);
  const metrics = new Metrics(clock.now());
  const operations = wireOperations(config, { metrics, clock, logger, version: options.version });
  const storage = operations.timed(wireStorage(config, logger, clock));
  const { documents } = storage.database;
  const users = new UserService({ maxSessionsPerUser: config.limits.socketsPerUser });
  const models = wireModels(config, { logger, clock, users, metrics, models: options.models });
  const people = await wirePeople(config, { documents, users, clock, logger });
  const inference = createInferenceClient({ logger, clock, ...hostMemory(config) });
  const limits = { ...config.uploads, maxFrames: 100 };
  const uploads = createUploads({ documents, blobs: storage.blobs, images: inference, clock, logger, limits, temporaryDirectory });
  const { messaging } = models;
  const { generations: observer } = operations.observer;
  const chat = wireChat(config, { documents, messaging, uploads, observer, clock, logger, timings: options.timings });
  const housekeeping = new Housekeeping({
    documents,
    clock,
    logger,
    sweepSessions: () => people.accounts.sweepSessions(),
    sweepUploads: () => uploads.sweep(),
    releaseUploads: (ownerId, conversationId) => uploads.release(ownerId, conversationId),
  });
  const state = { recovered: false, draining: false };
  return {
    config,
    options,
    clock,
    operations,
    temporaryDirectory,
    storage,
    users,
    models,
    people,
    inference,
    uploads,
    chat,
    housekeeping,
    state,
  };
}

interface Edge {
  readonly server: Server;
  readonly routes: readonly RouteLine[];
  readonly gateway: WsGateway;
  readonly requests: OpenRequests;
  readonly platform: PlatformParts;
}

function createEdge(parts: Parts): Edge {
  const { config, options, clock, people, chat, models, users, state } = parts;
  const { logger } = options;
  const { accounts } = people;
  const platform = wirePlatform(config, {
    logger,
    clock,
    measureMemory: options.measureMemory ?? (() => usedMemory(parts.inference.state().pid)),
    shed: () => void gateway.shedSlow(),
    exhausted: () => options.onExhausted?.(),
  });
  const { address, hosts, rawHeaders } = platform;
  const origins = createOriginPolicy({ publicUrl: config.publicUrl, allowedOrigins: config.allowedOrigins, isSecure: address.isSecure });
  const settings = wireSettings(chat, users);
  const doctor = wireDoctor(config, { ...parts, platform });
  const router = wireCommands({ chat, people, models: models.registry, settings, doctor, logger });
  const listModels = () => models.registry.list();
  const { conversations } = chat;
  const readiness = () => readinessOf(parts, platform);
  const usageOf = async (userId: string) => (await chat.costs.reports.of(userId)).thisMonth;
  const administration = wireAdministration({ documents: parts.storage.database.documents, accounts, usageOf, logger });
  const operations = parts.operations.routes({ ...parts, hasher: people.hasher, gateway: () => gateway, readiness });
  const httpApp = createHttpApp({
    ...parts,
    accounts,
    conversations,
    feedback: { set: (userId, messageId, feedback) => conversations.setFeedback(userId, messageId, feedback) },
    models: { list: listModels },
    commands: router,
    settings,
    uploads: markTemporary(parts.uploads, config),
    uploadLimits: config.uploads,
    publicDirectory: options.publicDirectory,
    readiness,
    drain: state,
    streamRoutes: [wirePortability(config, { ...parts, platform, settings })],
    routes: [platform.routes, ...operations, chat.costs.routes, doctor.routes, ...administration],
    hosts,
    observe: platform.selfTest.observe,
    observeRequest: parts.operations.observer.request,
    assertRoom: () => platform.monitor.assertRoom(),
    lagMs: platform.lag.now,
    address,
    origins,
    publicUrl: config.publicUrl,
    logger,
  });
  const server = createHttpServer(httpApp, { connections: config.limits.connections, rawHeaders });
  const facts = async (user: User | null) => ({
    version: options.version,
    signup: config.signup,
    demo: models.demo,
    // Only who is about to sign in needs to know.
    ...(user === null && !(await accounts.hasAny().catch(() => true)) ? { firstUser: true } : {}),
  });
  const handlers = new FrameHandlers({ ...chat, users, router, listModels, limits: limitsOf(config), server: facts });
  const ports = {
    users,
    authenticate: (token: string) => accounts.authenticate(token),
    checkSession: (sid: string) => accounts.checkSession(sid),
    isDisabled: (sid: string) => accounts.isDisabled(sid),
    welcome: handlers.welcome.bind(handlers),
    anonymousFrame: handlers.anonymousFrame.bind(handlers),
  };
  const limits = { ...config.limits, queueBytes: config.limits.socketQueueBytes, queueEvents: config.limits.socketQueueEvents };
  const gateway = createWsGateway({
    server,
    sessions: accounts,
    origins,
    hosts,
    rawHeaders,
    address,
    ports,
    limits,
    drain: state,
    observer: parts.operations.observer,
    clock,
    logger,
  });
  return { server, gateway, routes: listRoutes(httpApp), platform, requests: countOpenRequests(server) };
}

async function open(parts: Parts): Promise<void> {
  const { storage, housekeeping, models, state } = parts;
  // Asked for now, so that the first person does not wait for the model service; it never fails.
  void models.registry.list();
  await storage.database.start();
  await storage.database.whenReady();
  await recover(parts);
  housekeeping.start();
  state.recovered = true;
}

const RECOVERY_RETRY_MS = 1000;

/** A database that goes away again right after it came comes back by itself: the process stays up. */
async function recover({ storage, chat, state, clock }: Parts): Promise<void> {
  for (;;) {
    try {
      await chat.recovery.start(storage.shared);
      return;
    } catch (error) {
      if (!(error instanceof StoreUnavailableError) || !storage.shared || state.draining) throw error;
      await new Promise<void>((resolve) => clock.after(RECOVERY_RETRY_MS, resolve));
    }
  }
}

function readinessOf({ config, storage, state }: Parts, platform: PlatformParts): { ready: boolean; reasons: string[] } {
  const store = storage.database.state();
  const reasons: string[] = [];
  if (store.reason !== undefined) reasons.push(store.reason);
  else if (!state.recovered) reasons.push('The server is starting.');
  // No hindrance, but the operator looks here.
  reasons.push(...config.platform.warnings, ...platform.reasons());
  return { ready: store.ready && state.recovered, reasons };
}

function limitsOf({ limits, uploads }: Config): Limits {
  const { frameBytes, textBytes, framesPerMinute, socketsPerUser, generationsPerUser, messagesPerMinute } = limits;
  return {
    frameBytes,
    textBytes,
    framesPerMinute,
    socketsPerUser,
    generationsPerUser,
    messagesPerMinute,
    uploadBytes: uploads.maxBytes,
    uploadPixels: uploads.maxPixels,
    attachmentsPerMessage: uploads.maxAttachments,
  };
}
