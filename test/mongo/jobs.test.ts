import { describe } from 'vitest';
import { createMongoDatabase } from '../../src/infrastructure/database/mongo-database.ts';
import { silentLogger } from '../../src/lib/logger.ts';
import { collections } from '../../src/wiring/wire-storage.ts';
import { jobStoreContract } from '../contract/job-store-contract.ts';
import { createTestDatabase, mongoTestUri } from '../support/mongo-server.ts';

describe.runIf(mongoTestUri !== '')('with a server', () => {
  jobStoreContract({
    name: 'MongoDB',
    atomic: false,
    async open() {
      const test = await createTestDatabase('jobs');
      const database = createMongoDatabase({ uri: test.uri, collections, logger: silentLogger });
      await database.start();
      await database.whenReady();
      return {
        database,
        async close() {
          await database.close();
          await test.drop();
        },
      };
    },
  });
});
