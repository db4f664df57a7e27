import { workerData } from 'node:worker_threads';
import { serveSqlite } from '../../src/infrastructure/database/serve-sqlite.ts';
import { migrationLists } from './test-migrations.ts';

/** The store's thread with the migrations and the disk of a test. */
const { list, freeBytes } = workerData as { list: string; freeBytes?: number };
serveSqlite({ migrations: migrationLists[list] ?? [], ...(freeBytes === undefined ? {} : { freeBytes: () => freeBytes }) });
