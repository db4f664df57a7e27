import { describe, it } from 'vitest';
import { createMongoDatabase } from '../../src/infrastructure/database/mongo-database.ts';
import { silentLogger } from '../../src/lib/logger.ts';
import { newId } from '../../src/lib/new-id.ts';
import { contractCollections, describeDocumentStore } from '../contract/document-store-contract.ts';

const uri = process.env['MONGO_TEST_URI'];

if (uri === undefined || uri === '') {
  describe('the MongoDB store', () => {
    it('IS NOT TESTED HERE: set MONGO_TEST_URI, or run scripts/ci-mongo.sh first', () => {
      process.stderr.write('\n*** MONGO_TEST_URI is not set: the contract of the MongoDB store was NOT run ***\n\n');
    });
  });
} else {
  describeDocumentStore('the MongoDB store', {
    atomicBatch: false,
    open: async () =>
      createMongoDatabase({ uri, databaseName: `contract_${newId()}`, collections: contractCollections, logger: silentLogger }),
  });
}
