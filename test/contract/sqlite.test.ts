import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { createSqliteDatabase } from '../../src/infrastructure/database/sqlite-database.ts';
import { silentLogger } from '../../src/lib/logger.ts';
import { contractCollections, describeDocumentStore } from './document-store-contract.ts';

const directory = mkdtempSync(join(tmpdir(), 'jarvis-argus-store-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

describeDocumentStore('the embedded store', {
  atomicBatch: true,
  open: async () => createSqliteDatabase({ directory, collections: contractCollections, logger: silentLogger }),
});
