import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSqliteDatabase } from '../../src/infrastructure/database/sqlite-database.ts';
import { silentLogger } from '../../src/lib/logger.ts';
import { collections } from '../../src/wiring/wire-storage.ts';
import { jobStoreContract } from './job-store-contract.ts';

jobStoreContract({
  name: 'SQLite',
  atomic: true,
  async open() {
    const directory = await mkdtemp(join(tmpdir(), 'jarvis-jobs-'));
    const database = createSqliteDatabase({ directory, collections, logger: silentLogger });
    await database.start();
    return {
      database,
      async close() {
        await database.close();
        await rm(directory, { recursive: true, force: true });
      },
    };
  },
});
