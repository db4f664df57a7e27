import type { Db, MongoClient, MongoClientOptions } from 'mongodb';
import type { Clock } from '../../lib/clock.ts';
import type { Logger } from '../../lib/logger.ts';
import { StoreUnavailableError } from '../../lib/store-errors.ts';
import type { CollectionCatalog } from './collection-catalog.ts';
import { createMongoCondition, outageReason } from './mongo-condition.ts';
import { isRefusal, mongoFault, mongoReason } from './mongo-failure.ts';
import { runMongoMigrations } from './mongo-migrations.ts';
import { prepareMongoSchema } from './mongo-schema.ts';
import { type Migration, NewerSchemaError } from './schema-migrations.ts';

export interface MongoConnectionDeps {
  readonly uri: string;
  readonly databaseName: string;
  readonly catalog: CollectionCatalog;
  readonly logger: Logger;
  readonly clock: Clock;
  /** Every call has failed or succeeded after this many ms. */
  readonly callTimeoutMs: number;
  readonly migrations: readonly Migration[];
  /** Milliseconds since the epoch by the clock of the server. */
  serverTime(db: Db): Promise<number>;
  /** Called once, when the database can be used for the first time. */
  onReady(cursorKey: Buffer): void;
  /** Called when it can never be used by this version. */
  onRefused(reason: string): void;
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
const closedReason = 'MongoDB: the connection is closed';

/** Keeps one client alive: connects, prepares the database, notices when it goes away and when it is back. */
export function createMongoConnection(deps: MongoConnectionDeps): MongoConnection {
  const { clock } = deps;
  const condition = createMongoCondition(clock, deps.logger);
  let client: MongoClient | null = null;
  let db: Db | null = null;
  let cancelTimer = () => {};
  let retryMs = firstRetryMs;
  let closed = false;
  /** When a call was answered last. */
  let answeredAt = 0;
  let attempt: Promise<void> = Promise.resolve();

  function later(ms: number, work: () => Promise<void>): void {
    cancelTimer();
    if (closed) return;
    cancelTimer = clock.after(ms, () => {
      // Both kinds of work catch everything themselves.
      attempt = work();
    });
  }

  async function connect(): Promise<void> {
    try {
      client = await openClient(deps);
      // Closed while the driver was being loaded: `close` had nothing to close yet.
      if (closed) return await client.close();
      await client.connect();
      const target = durableDatabase(client, deps.databaseName);
      await migrate(target);
      const cursorKey = await prepareMongoSchema(target, deps.catalog);
      db = target;
      client.on('topologyDescriptionChanged', ({ newDescription }) => watch(outageReason(newDescription)));
      condition.report(null);
      deps.onReady(cursorKey);
    } catch (error) {
      if (!closed) condition.report(mongoReason(error));
      await client?.close().catch(() => {});
      if (error instanceof NewerSchemaError) return deps.onRefused(`MONGO_URI: the data ${error.message}`);
      later(retryMs, connect);
      retryMs = Math.min(retryMs * 2, maxRetryMs);
    }
  }

  function migrate(target: Db): Promise<void> {
    const { catalog, migrations, logger } = deps;
    const serverNow = () => deps.serverTime(target);
    const onNote = (text: string) => logger.info({}, text);
    return runMongoMigrations({ db: target, catalog, migrations, clock, serverNow, onNote, closed: () => closed });
  }

  function watch(outage: string | null): void {
    if (outage !== null && !closed) condition.report(outage);
    else if (condition.reason() !== null) later(0, probe);
  }

  /** Ready again means that a write works again, not that a port is open. */
  async function probe(): Promise<void> {
    try {
      const meta = db?.collection<{ _id: string; at: number }>('meta');
      await meta?.updateOne({ _id: 'probe' }, { $set: { at: clock.now() } }, { upsert: true });
      condition.report(null);
    } catch (error) {
      if (!closed) condition.report(mongoReason(error));
      later(probeMs, probe);
    }
  }

  return {
    start() {
      if (!closed) attempt = connect();
    },
    async run(collection, work) {
      if (closed) throw new StoreUnavailableError(closedReason);
      if (db === null || condition.overdue()) throw new StoreUnavailableError(condition.reason() ?? 'MongoDB: not connected');
      const begun = clock.now();
      try {
        const result = await withinLimit(work(db), clock, deps.callTimeoutMs);
        answeredAt = clock.now();
        return result;
      } catch (error) {
        // One slow query among others that are answered is no outage.
        if (!closed && answeredAt <= begun && clock.now() - begun >= deps.callTimeoutMs) {
          if (condition.reason() === null) later(0, probe);
          condition.silent();
        }
        if (isRefusal(error)) {
          watch(mongoReason(error));
          later(probeMs, probe);
        }
        throw mongoFault(error, collection);
      }
    },
    fault: () => (closed ? closedReason : condition.reason()),
    async close() {
      closed = true;
      cancelTimer();
      await client?.close();
      await attempt;
    },
  };
}

/**
 * What is acknowledged is on the disk of most members (PROMISES G1). Said of the database: what a MONGO_URI says, such as
 * `journal=false`, would win over what is said of the client.
 */
export function durableDatabase(client: MongoClient, name: string): Db {
  return client.db(name, { writeConcern: { w: 'majority', journal: true } });
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
    readPreference: 'primary',
  };
  return new Client(uri, options);
}

/** The driver has limits of its own; this one holds even where they do not. */
function withinLimit<T>(work: Promise<T>, clock: Clock, limitMs: number): Promise<T> {
  return new Promise((resolve, reject) => {
    const cancel = clock.after(limitMs, () => reject(new StoreUnavailableError('MongoDB: the database does not answer')));
    work.then(resolve, reject).finally(cancel);
  });
}
