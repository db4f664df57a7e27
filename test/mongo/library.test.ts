import { afterAll, describe } from 'vitest';
import { describeLibrary } from '../integration/chat/library-suite.ts';
import { createTestDatabase, mongoTestUri, type TestDatabase } from '../support/mongo-server.ts';
import { startTestApp } from '../support/test-app.ts';

describe.runIf(mongoTestUri !== '')('the library on MongoDB', () => {
  const databases: TestDatabase[] = [];
  afterAll(async () => {
    for (const database of databases) await database.drop();
  });

  describeLibrary('what a person keeps, in MongoDB', async (options) => {
    const database = await createTestDatabase('library');
    databases.push(database);
    return startTestApp({ ...options, env: { ...options.env, MONGO_URI: database.uri } });
  });
});
