import type { Db, MongoClient, MongoClientOptions, TopologyDescription } from 'mongodb';
import type { Clock } from '../../lib/clock.ts';
import type { Logger } from '../../lib/logger.ts';
import { StoreUnavailableError } from '../../lib/store-errors.ts';
import type { CollectionCatalog } from './collection-catalog.ts';
import { isRefusal, mongoFault, mongoReason, serverErrors } from './mongo-failure.ts';
import { prepareMongoSchema } from './mongo-schema.ts';

export interface MongoConnectionDeps {
  readonly uri: string;
  readonly databaseName: string;
  readonly catalog: CollectionCatalog;
  readonly logger: Logger;
  readonly clock: Clock;
  /** Every call has failed or succeeded after this many ms. */
  readonly callTimeoutMs: number;
  /** Called once, when the database can be used for the first time. */
  onReady(cursorKey: Buffer): void;
}

export interface MongoConnection {
  /** Begins to connect in the background. */
  start(): void;
  /** Runs one call within the time limit. @throws what the port may throw */
  run<T>(collection: string, work: (db: Db) => Promise<T>): Promise<T>;
  fault(): string | null;
  close(): Promise<void>;
}

const firstRetryMs = 500;
const maxRetryMs = 10_000;
const probeMs = 2000;
/** An election takes seconds, so a call waits for it; an outage longer than this is answered at once. */
const patienceMs = 5000;
const writableTypes: ReadonlySet<string> = new Set(['Standalone', 'RSPrimary', 'Mongos', 'LoadBalanced']);

/** Keeps one client alive, knows whether it can be used, and says why when not. */
export function createMongoConnection(deps: MongoConnectionDeps): MongoConnection {
  const { clock, logger } = deps;
  let client: MongoClient | null = null;
  let db: Db | null = null;
  let reason: string | null = 'MongoDB: connecting';
  let downSince: number | null = null;
  let cancelTimer = () => {};
  let retryMs = firstRetryMs;
  let closed = false;
  let attempt: Promise<void> = Promise.resolve();

  function report(next: string | null): void {
    if (next === reason || closed) return;
    if (next === null) logger.info({}, 'MongoDB: ready');
    else logger.warn({}, next);
    reason = next;
    downSince = next === null ? null : (downSince ?? clock.now());
  }

  function later(ms: number, work: () => Promise<void>): void {
    cancelTimer();
    if (closed) return;
    cancelTimer = clock.after(ms, () => {
      // Both kinds of work catch everything themselves.
      attempt = work();
    });
  }

  async function connect(): Promise<void> {
    const candidate = await openClient(deps).catch((error: unknown) => fail(error, null));
    if (candidate === null) return;
    try {
      await candidate.connect();
      const target = candidate.db(deps.databaseName);
      const cursorKey = await prepareMongoSchema(target, deps.catalog);
      if (closed) return await candidate.close();
      client = candidate;
      db = target;
      candidate.on('topologyDescriptionChanged', (event) => watch(event.newDescription));
      report(null);
      deps.onReady(cursorKey);
    } catch (error) {
      await fail(error, candidate);
    }
  }

  async function fail(error: unknown, candidate: MongoClient | null): Promise<null> {
    report(mongoReason(error));
    await candidate?.close().catch(() => {});
    later(retryMs, connect);
    retryMs = Math.min(retryMs * 2, maxRetryMs);
    return null;
  }

  function watch(topology: TopologyDescription): void {
    const writable = [...topology.servers.values()].some((server) => writableTypes.has(server.type));
    if (!writable) report(lostReason(topology));
    else if (reason !== null) later(0, probe);
  }

  /** Ready again means that a write works again, not that a port is open. */
  async function probe(): Promise<void> {
    try {
      await db
        ?.collection<{ _id: string; at: number }>('meta')
        .updateOne({ _id: 'probe' }, { $set: { at: clock.now() } }, { upsert: true });
      report(null);
    } catch (error) {
      report(mongoReason(error));
      later(probeMs, probe);
    }
  }

  async function run<T>(collection: string, work: (db: Db) => Promise<T>): Promise<T> {
    if (closed) throw new StoreUnavailableError('MongoDB: the connection is closed');
    const overdue = downSince !== null && clock.now() - downSince > patienceMs;
    if (db === null || overdue) throw new StoreUnavailableError(reason ?? 'MongoDB: not connected');
    try {
      return await withinLimit(work(db), clock, deps.callTimeoutMs);
    } catch (error) {
      if (isRefusal(error)) {
        report(mongoReason(error));
        later(probeMs, probe);
      }
      throw mongoFault(error, collection);
    }
  }

  return {
    start() {
      if (!closed) attempt = connect();
    },
    run,
    fault: () => (closed ? 'MongoDB: the connection is closed' : reason),
    async close() {
      closed = true;
      cancelTimer();
      await client?.close();
      await attempt;
    },
  };
}

async function openClient({ uri, callTimeoutMs }: MongoConnectionDeps): Promise<MongoClient> {
  // Loaded here, so that a start with the embedded store does not pay for it.
  const { MongoClient: Client } = await import('mongodb');
  const within = callTimeoutMs - 500;
  const options: MongoClientOptions = {
    appName: 'jarvis-argus',
    serverSelectionTimeoutMS: within,
    connectTimeoutMS: within,
    waitQueueTimeoutMS: within,
    // No socket timeout: it would cut the building of an index. The monitor sees a dead host within 6 s and breaks its connections.
    heartbeatFrequencyMS: 2000,
    writeConcern: { w: 'majority', journal: true },
    readPreference: 'primary',
  };
  return new Client(uri, options);
}

function lostReason(topology: TopologyDescription): string {
  const error = serverErrors(topology).find((candidate) => candidate !== null);
  return error === undefined ? 'MongoDB: there is no server that accepts writes now' : mongoReason(error);
}

/** The driver has limits of its own; this one holds even where they do not. */
function withinLimit<T>(work: Promise<T>, clock: Clock, limitMs: number): Promise<T> {
  return new Promise((resolve, reject) => {
    const cancel = clock.after(limitMs, () => reject(new StoreUnavailableError('MongoDB: the database does not answer')));
    work.then(resolve, reject).finally(cancel);
  });
}
