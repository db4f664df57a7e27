import { createReadStream, existsSync, readFileSync } from 'node:fs';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { type Config, ConfigError, readConfig, readEnvironment } from '../config.ts';
import { migratedDocument, newestSchema, pendingMigrations, schemaMigrations } from '../infrastructure/database/schema-migrations.ts';
import { createSqliteDatabase } from '../infrastructure/database/sqlite-database.ts';
import { createLogger } from '../infrastructure/logging/pino-logger.ts';
import { byteLines } from '../lib/byte-lines.ts';
import { systemClock } from '../lib/clock.ts';
import type { DocumentDatabase } from '../lib/document-store.ts';
import type { Logger } from '../lib/logger.ts';
import { InstanceBackup } from '../services/portability/instance-backup.ts';
import {
  checkBackup,
  isEmptyStore,
  type ReadLines,
  RestoreError,
  type RestoreTarget,
  writeBackup,
} from '../services/portability/instance-restore.ts';
import { collections, type Storage, wireStorage } from './wire-storage.ts';

/** Entry of `npm run backup -- <file>` and `npm run restore -- <file>`: the store of the environment, without the server. */

const names = collections.map(({ name }) => name);
const schema = newestSchema(schemaMigrations);
/** A document may have 4 Mi characters, of up to 6 bytes each in JSON. */
const maxLineBytes = 32 * 1024 * 1024;
const connectMs = 30_000;

const [mode = '', file = ''] = process.argv.slice(2);
perform().catch((error: unknown) => {
  const lines = error instanceof ConfigError ? error.lines : [error instanceof Error ? error.message : String(error)];
  process.stderr.write(`${mode === '' ? 'store-tool' : mode}: ${lines.join('\n')}\n`);
  process.exitCode = 1;
});

async function perform(): Promise<void> {
  if ((mode !== 'backup' && mode !== 'restore') || file === '')
    throw new RestoreError('usage: npm run backup -- <file>, or npm run restore -- <file>');
  const config = readConfig(readEnvironment(), []);
  const logger = createLogger({ level: 'warn', production: config.production });
  await (mode === 'backup' ? backup(config, logger) : restore(config, logger));
}

async function backup(config: Config, logger: Logger): Promise<void> {
  if (existsSync(file)) throw new RestoreError('there is a file of this name already: choose another one');
  await withStorage(config, logger, async ({ database, blobs }) => {
    // A wrong address makes a new store, and a backup of nothing would be noticed when it is needed.
    if (await isEmptyStore(database.scan, names)) {
      throw new RestoreError('the store is empty: is this the right DATA_DIR, or MONGO_URI? Nothing was written');
    }
    const source = new InstanceBackup({ scan: database.scan, collections: names, schema, blobs, clock: systemClock, version: versionOf() });
    const partial = `${file}.partial`;
    await rm(partial, { force: true });
    const output = await open(partial, 'wx', 0o600);
    try {
      await pipeline(source.lines(), output.createWriteStream({ flush: true }));
      await rename(partial, file);
    } catch (error) {
      await rm(partial, { force: true });
      throw error;
    }
  });
  process.stdout.write('The backup is written. It holds everything of everybody: keep it like a password.\n');
}

async function restore(config: Config, logger: Logger): Promise<void> {
  const facts = await checkBackup(readLines, { collections: names, schema });
  const pending = pendingMigrations(schemaMigrations, facts.schema);
  const migrate: RestoreTarget['migrate'] = (collection, document) => ({
    ...migratedDocument(pending, collection, document),
    id: document.id,
  });
  await withStorage(config, logger, async ({ database, blobs, shared }) => {
    if (!(await isEmptyStore(database.scan, names))) {
      throw new RestoreError('the store is not empty: restore into a new DATA_DIR or a new database; nothing was changed');
    }
    if (shared) await writeBackup(readLines, { database, blobs, migrate });
  });
  if (config.mongoUri === undefined) await restoreAside(config, logger, migrate);
  process.stdout.write(
    `Restored ${facts.documents} documents and ${facts.blobs} pictures of ${facts.exportedAt}. Everybody signs in again.\n`,
  );
}

/** The embedded store is made beside its place and moved there when it is whole; pictures that a broken restore left are swept. */
async function restoreAside(config: Config, logger: Logger, migrate: RestoreTarget['migrate']): Promise<void> {
  const directory = join(config.dataDir, 'restoring');
  await rm(directory, { recursive: true, force: true });
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const database = createSqliteDatabase({ directory, collections, logger });
  try {
    await database.start();
    await writeBackup(readLines, { database, blobs: wireStorage(config, logger, systemClock).blobs, migrate });
  } finally {
    await database.close();
  }
  for (const ending of ['-wal', '-shm']) await rm(join(config.dataDir, `jarvis-argus.db${ending}`), { force: true });
  await rename(join(directory, 'jarvis-argus.db'), join(config.dataDir, 'jarvis-argus.db'));
  await rm(directory, { recursive: true, force: true });
}

async function withStorage(config: Config, logger: Logger, work: (storage: Storage) => Promise<void>): Promise<void> {
  await mkdir(config.dataDir, { recursive: true, mode: 0o700 });
  const storage = wireStorage(config, logger, systemClock);
  try {
    await storage.database.start();
    await whenReady(storage.database);
    await work(storage);
  } finally {
    await storage.database.close();
  }
}

async function whenReady(database: DocumentDatabase): Promise<void> {
  try {
    await database.whenReady(AbortSignal.timeout(connectMs));
  } catch (error) {
    throw new RestoreError(database.state().reason ?? 'the store cannot be opened', { cause: error });
  }
}

function readLines(): ReturnType<ReadLines> {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  async function* texts(): AsyncGenerator<string> {
    const chunks: AsyncIterable<Uint8Array> = createReadStream(file);
    const tooLong = (line: number) => new RestoreError(`line ${line}: this is no line of a backup; the file may be damaged`);
    for await (const bytes of byteLines(chunks, maxLineBytes, tooLong)) yield decoder.decode(bytes);
  }
  return texts();
}

function versionOf(directory: string = dirname(dirname(fileURLToPath(import.meta.url)))): string {
  const path = join(directory, 'package.json');
  if (!existsSync(path)) return versionOf(dirname(directory));
  const manifest: unknown = JSON.parse(readFileSync(path, 'utf8'));
  return typeof manifest === 'object' && manifest !== null && 'version' in manifest ? String(manifest.version) : 'unknown';
}
