import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Clock, systemClock } from '../../lib/clock.ts';
import type { CollectionSpec, Document, DocumentDatabase, ScanPage } from '../../lib/document-store.ts';
import type { Logger } from '../../lib/logger.ts';
import { StoreUnavailableError } from '../../lib/store-errors.ts';
import { createCollectionCatalog } from './collection-catalog.ts';
import { type CursorSeal, createCursorSeal } from './cursor-seal.ts';
import { createReadyGate } from './ready-gate.ts';
import { createSqliteConnection } from './sqlite-connection.ts';
import { createSqliteDocuments, documentsFrom } from './sqlite-documents.ts';
import { type StartSqliteWorker, startSqliteWorker } from './sqlite-thread.ts';

export interface SqliteDatabaseOptions {
  /** The data folder; made when missing, for its owner only. */
  readonly directory: string;
  readonly collections: readonly CollectionSpec[];
  readonly logger: Logger;
  readonly fileName?: string;
  readonly clock?: Clock;
  /** How many requests may wait for the disk before `StoreUnavailableError`. */
  readonly maxWaiting?: number;
  /** After how many ms without an answer a request fails with `StoreUnavailableError`. */
  readonly answerTimeoutMs?: number;
  readonly startWorker?: StartSqliteWorker;
}

/** The embedded store: one SQLite file in one worker thread, owned by one process. */
export function createSqliteDatabase(options: SqliteDatabaseOptions): DocumentDatabase {
  const { directory, collections, logger, fileName = 'jarvis-argus.db', clock = systemClock } = options;
  const catalog = createCollectionCatalog(collections);
  const connection = createSqliteConnection({
    data: { file: join(directory, fileName), collections },
    logger,
    clock,
    startWorker: options.startWorker ?? startSqliteWorker,
    maxWaiting: options.maxWaiting ?? 10_000,
    answerTimeoutMs: options.answerTimeoutMs ?? 4500,
  });
  const ready = createReadyGate();
  let seal: CursorSeal | null = null;
  let starting: Promise<void> | null = null;

  async function open(): Promise<void> {
    try {
      mkdirSync(directory, { recursive: true, mode: 0o700 });
    } catch (error) {
      throw new StoreUnavailableError('DATA_DIR cannot be created', { cause: error });
    }
    seal = createCursorSeal(await connection.open());
    ready.open();
  }

  function requireSeal(): CursorSeal {
    if (seal === null) throw new StoreUnavailableError('the embedded store is not open yet');
    return seal;
  }

  return {
    documents: createSqliteDocuments({ catalog, connection, clock, requireSeal }),
    async scan<T extends Document>(collection: string, { after, limit }: ScanPage) {
      catalog.collection(collection);
      return documentsFrom<T>(await connection.call(['scan', collection, after ?? '', limit]));
    },
    start() {
      starting ??= open();
      return starting;
    },
    whenReady: (signal) => ready.pass(signal),
    state() {
      const reason = connection.fault() ?? connection.diskFault();
      return reason === null ? { kind: 'embedded', ready: true } : { kind: 'embedded', ready: false, reason };
    },
    close: () => connection.close(),
  };
}
