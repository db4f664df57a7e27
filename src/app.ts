import { join } from 'node:path';
import type { Config } from './config.ts';
import { Metrics } from './core/index.ts';
import type { RouteLine } from './gateway/http/list-routes.ts';
import { systemClock } from './lib/clock.ts';
import { StoreUnavailableError } from './lib/store-errors.ts';
import { Housekeeping } from './services/housekeeping.ts';
import { UserService } from './services/messaging/user-service.ts';
import { Shares } from './services/shares/shares.ts';
import { createUploads } from './services/uploads/uploads.ts';
import { endApp } from './wiring/end-app.ts';
import { type Listening, listen } from './wiring/listen.ts';
import { makeDataDirectory } from './wiring/make-data-directory.ts';
import type { AppOptions, Parts } from './wiring/parts.ts';
import { wireChat } from './wiring/wire-chat.ts';
import { wireEdge } from './wiring/wire-edge.ts';
import { wireInference } from './wiring/wire-inference.ts';
import { wireJobs } from './wiring/wire-jobs.ts';
import { wireModels } from './wiring/wire-models.ts';
import { wireOperations } from './wiring/wire-operations.ts';
import { wirePeople } from './wiring/wire-people.ts';
import { wirePlugins } from './wiring/wire-plugins.ts';
import { wireProcessing } from './wiring/wire-processing.ts';
import { wireStorage } from './wiring/wire-storage.ts';
import { wireSurface } from './wiring/wire-surface.ts';
import { wireWeights } from './wiring/wire-weights.ts';

export interface App {
  /** Listens while the store opens: a slow database never makes a platform give the deployment up. */
  start(): Promise<Listening>;
  /** Resolves when the store is open, or when that may take long; rejects when it can never open. */
  opened(): Promise<void>;
  /** Resolves when the store is open and what a dead process left behind is mended; rejects when the store can never open. */
  ready(): Promise<void>;
  /** Ends in order: nothing new, sockets told, answers finished or marked, all stored, the store last. Can be called again. */
  close(drainMs?: number): Promise<void>;
  /** Every method and path that is answered over HTTP. */
  routes(): readonly RouteLine[];
}

/** Builds the whole server and starts nothing. With `wiring/` the only place that knows every room. */
export async function createApp(config: Config, options: AppOptions): Promise<App> {
  const parts = await createParts(config, options);
  const edge = wireEdge(parts);
  let opening: Promise<void> | null = null;
  let closing: Promise<void> | null = null;
  return {
    async start() {
      parts.models.messaging.run();
      const bound = listen(edge.server, config);
      // Its thread begins in the meantime. Whoever awaits `ready` gets the error; nobody else is to be surprised by it.
      const store = parts.storage.database.start();
      store.catch(() => {});
      const listening = await bound;
      edge.platform.start();
      parts.operations.start();
      opening = open(parts);
      opening.catch(() => {});
      return listening;
    },
    // A database elsewhere may come later; the embedded one opens in no time or never.
    opened: () => (parts.storage.shared ? Promise.resolve() : parts.storage.database.start()),
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
  const storage = operations.timed(wireStorage(config, logger, clock, options.startSqliteWorker));
  // A thread that began ahead opens its file while the rest is built. Whoever waits for the store gets the error.
  if (options.startSqliteWorker !== undefined) storage.database.start().catch(() => {});
  const { documents } = storage.database;
  const users = new UserService({ maxSessionsPerUser: config.limits.socketsPerUser });
  const models = wireModels(config, { logger, clock, users, metrics, models: options.models });
  const people = await wirePeople(config, { documents, users, clock, logger });
  const inference = wireInference(config, { logger, clock, metrics });
  const limits = { ...config.uploads, maxFrames: 100 };
  const uploads = createUploads({ documents, blobs: storage.blobs, images: inference, clock, logger, limits, temporaryDirectory });
  const weights = wireWeights(config, { users, clock, logger });
  const plugins = wirePlugins(config, { folders: options.plugins, documents, inference, weights, users, clock, logger });
  const { messaging } = models;
  const work = { kinds: plugins.registry, executor: inference };
  const processing = wireProcessing(config, { documents, blobs: storage.blobs, ...work, metrics, clock, logger });
  const base = { documents, uploads, messaging, plugins, inference, processing, metrics, clock, logger, temporaryDirectory };
  const jobs = wireJobs(config, { ...base, options });
  const { generations: observer } = operations.observer;
  const surface = wireSurface(config, { ...base, people });
  const chatBase = { documents, messaging, uploads, surface, observer, clock, logger };
  const chat = wireChat(config, { ...chatBase, jobs: jobs.jobs, timings: options.timings });
  const shares = new Shares({ documents, uploads, clock, limits: config.limits });
  const housekeeping = new Housekeeping({
    documents,
    clock,
    logger,
    sweepSessions: () => people.accounts.sweepSessions(),
    sweepUploads: () => uploads.sweep(),
    sweepJobs: () => jobs.jobs.sweep(),
    sweepCache: () => processing.sweepCache(),
    sweepShares: () => shares.sweep(),
    sweepConversations: () => chat.removal.sweep(),
  });
  const state = { recovered: false, draining: false };
  return {
    ...{ config, options, clock, operations, temporaryDirectory, storage, users, models, people, inference, uploads },
    ...{ plugins, weights, processing, jobs, chat, surface, shares, housekeeping, state },
  };
}

async function open(parts: Parts): Promise<void> {
  const { storage, housekeeping, models, state } = parts;
  // Asked for now, so that the first person does not wait for the model service; it never fails.
  void models.registry.list();
  await parts.plugins.start(storage.database.start().then(() => storage.database.whenReady()));
  await recover(parts);
  housekeeping.start();
  state.recovered = true;
}

const RECOVERY_RETRY_MS = 1000;

/** A database that goes away again right after it came comes back by itself: the process stays up. */
async function recover({ storage, plugins, chat, processing, jobs, surface, state, clock }: Parts): Promise<void> {
  for (;;) {
    try {
      await plugins.restore(storage.shared);
      await chat.recovery.start(storage.shared);
      await processing.start();
      await jobs.jobs.start(storage.shared);
      await surface.start();
      return;
    } catch (error) {
      if (!(error instanceof StoreUnavailableError) || !storage.shared || state.draining) throw error;
      await new Promise<void>((resolve) => clock.after(RECOVERY_RETRY_MS, resolve));
    }
  }
}
