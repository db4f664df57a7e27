import type { Db } from 'mongodb';
import { type Clock, systemClock } from '../../lib/clock.ts';
import type { CollectionSpec, Document, DocumentDatabase, ScanPage } from '../../lib/document-store.ts';
import type { Logger } from '../../lib/logger.ts';
import { StoreUnavailableError } from '../../lib/store-errors.ts';
import { createCollectionCatalog } from './collection-catalog.ts';
import { type CursorSeal, createCursorSeal } from './cursor-seal.ts';
import { createMongoConnection } from './mongo-connection.ts';
import { createMongoDocuments } from './mongo-documents.ts';
import { documentFrom, type StoredDocument, withoutKeys } from './mongo-layout.ts';
import { createReadyGate } from './ready-gate.ts';
import { type Migration, schemaMigrations } from './schema-migrations.ts';

export interface MongoDatabaseOptions {
  readonly uri: string;
  readonly collections: readonly CollectionSpec[];
  readonly logger: Logger;
  /** Used when the URI names none. */
  readonly databaseName?: string;
  readonly clock?: Clock;
  /** Every call has failed or succeeded after this many ms. */
  readonly callTimeoutMs?: number;
  /** What a test puts in place of the released ones. */
  readonly migrations?: readonly Migration[];
}

const defaultDatabase = 'jarvis_argus_db';
/** A send is answered within 5 s, whatever the database does. */
const defaultCallTimeoutMs = 4500;
const clockOffsetAgeMs = 60_000;

/** MongoDB as the store. `start` resolves at once; the connection is made, lost and found again in the background. */
export function createMongoDatabase(options: MongoDatabaseOptions): DocumentDatabase & { db(): Promise<Db> } {
  const { uri, collections, logger, clock = systemClock } = options;
  const catalog = createCollectionCatalog(collections);
  const ready = createReadyGate();
  let seal: CursorSeal | null = null;
  let started = false;
  let offset: { readonly ms: number; readonly at: number } | null = null;
  const connection = createMongoConnection({
    uri,
    databaseName: namedDatabase(uri) ?? options.databaseName ?? defaultDatabase,
    catalog,
    logger,
    clock,
    callTimeoutMs: options.callTimeoutMs ?? defaultCallTimeoutMs,
    migrations: options.migrations ?? schemaMigrations,
    serverTime: async (db) => (await localTime(db)) ?? clock.now(),
    onReady(cursorKey) {
      seal = createCursorSeal(cursorKey);
      ready.open();
    },
    onRefused: (reason) => ready.refuse(new StoreUnavailableError(reason)),
  });

  function requireSeal(): CursorSeal {
    if (seal === null) throw new StoreUnavailableError(connection.fault() ?? 'MongoDB: not connected');
    return seal;
  }

  /** The difference to the server's clock is asked once a minute: leases are 45 s, clocks drift by far less. */
  async function serverNow(): Promise<number> {
    const now = clock.now();
    if (offset === null || now - offset.at > clockOffsetAgeMs) {
      const local = await connection.run('meta', localTime);
      const answered = clock.now();
      offset = { ms: local === null ? 0 : local - (now + answered) / 2, at: answered };
    }
    return Math.round(clock.now() + offset.ms);
  }

  return {
    documents: createMongoDocuments({ catalog, connection, serverNow, requireSeal }),
    async scan<T extends Document>(name: string, { after, limit }: ScanPage) {
      const { spec } = catalog.collection(name);
      return connection.run(spec.name, async (db) => {
        const options = { projection: withoutKeys, sort: { _id: 1 } as const, limit };
        const found = await db
          .collection<StoredDocument>(spec.name)
          .find({ _id: { $gt: after ?? '' } }, options)
          .toArray();
        return found.map(documentFrom<T>);
      });
    },
    async start() {
      if (started) return;
      started = true;
      connection.start();
    },
    whenReady: (signal) => ready.pass(signal),
    /** The driver's database, for GridFS. @throws StoreUnavailableError while there is no connection */
    db: () => connection.run('blobs', async (db) => db),
    state() {
      const reason = connection.fault();
      return reason === null ? { kind: 'mongodb', ready: true } : { kind: 'mongodb', ready: false, reason };
    },
    close: () => connection.close(),
  };
}

/** Milliseconds since the epoch by the server's clock, null from a server that does not tell. */
async function localTime(db: Db): Promise<number | null> {
  const local: unknown = (await greet(db))['localTime'];
  return local instanceof Date ? local.getTime() : null;
}

async function greet(db: Db): Promise<Record<string, unknown>> {
  try {
    return await db.command({ hello: 1 });
  } catch (error) {
    // CommandNotFound: servers that only speak the protocol may know the older name alone.
    if (error instanceof Error && 'code' in error && error.code === 59) return db.command({ isMaster: 1 });
    throw error;
  }
}

/** The path of the address, if it has one. */
function namedDatabase(uri: string): string | null {
  const [, name = ''] = /^mongodb(?:\+srv)?:\/\/[^/?]+\/([^?]*)/.exec(uri) ?? [];
  return name === '' ? null : name;
}
