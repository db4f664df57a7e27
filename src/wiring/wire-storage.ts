import { join } from 'node:path';
import type { Config } from '../config.ts';
import { createGridFsBlobs } from '../infrastructure/blobs/gridfs-blobs.ts';
import { createLocalBlobs } from '../infrastructure/blobs/local-blobs.ts';
import { createMongoDatabase } from '../infrastructure/database/mongo-database.ts';
import { createSqliteDatabase } from '../infrastructure/database/sqlite-database.ts';
import type { StartSqliteWorker } from '../infrastructure/database/sqlite-thread.ts';
import type { Clock } from '../lib/clock.ts';
import type { DocumentDatabase } from '../lib/document-store.ts';
import type { Logger } from '../lib/logger.ts';
import { accountCollections } from '../services/accounts/accounts.ts';
import { settingsCollection } from '../services/conversations/chat-settings.ts';
import { conversationsCollection } from '../services/conversations/conversation-record.ts';
import { messagesCollection } from '../services/conversations/message-record.ts';
import { usageCollection } from '../services/costs/usage-record.ts';
import { draftsCollection } from '../services/drafts/draft-record.ts';
import { generationEventsCollection, generationsCollection } from '../services/generations/generation-record.ts';
import { jobCollections } from '../services/jobs/job-record.ts';
import { libraryCollections } from '../services/library/library-collections.ts';
import { pluginCollections } from '../services/plugins/plugin-record.ts';
import type { BlobStore } from '../services/ports/blob-store.ts';
import { processingFactsCollection } from '../services/processing/processing-facts-store.ts';
import { shareCollections } from '../services/shares/share-record.ts';
import { asksCollection } from '../services/surface/ask-record.ts';
import { uploadCollections } from '../services/uploads/upload-rows.ts';

/** Every collection of the store, each declared by the service that owns it. */
export const collections = [
  ...accountCollections,
  conversationsCollection,
  messagesCollection,
  generationsCollection,
  generationEventsCollection,
  settingsCollection,
  draftsCollection,
  ...libraryCollections,
  usageCollection,
  ...pluginCollections,
  ...shareCollections,
  ...uploadCollections,
  ...jobCollections,
  asksCollection,
  processingFactsCollection,
];

export interface Storage {
  readonly database: DocumentDatabase;
  readonly blobs: BlobStore;
  /** Other processes may use the same database: then only an ended lease proves a process dead. */
  readonly shared: boolean;
}

/** MongoDB when `MONGO_URI` is set, with pictures in GridFS; else the embedded store and a folder in `DATA_DIR`. */
export function wireStorage(config: Config, logger: Logger, clock: Clock, startWorker?: StartSqliteWorker): Storage {
  if (config.mongoUri === undefined) {
    const started = startWorker === undefined ? {} : { startWorker };
    const database = createSqliteDatabase({ directory: config.dataDir, collections, logger, clock, ...started });
    return { database, blobs: createLocalBlobs({ directory: join(config.dataDir, 'blobs') }), shared: false };
  }
  const database = createMongoDatabase({ uri: config.mongoUri, collections, logger, clock });
  return { database, blobs: createGridFsBlobs({ database: () => database.db() }), shared: true };
}
