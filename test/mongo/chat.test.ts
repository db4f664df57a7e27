import { afterAll, beforeAll, describe } from 'vitest';
import { describeDelivery } from '../integration/chat/delivery-suite.ts';
import { createTestDatabase, mongoTestUri, type TestDatabase } from '../support/mongo-server.ts';
import { startTestApp } from '../support/test-app.ts';

describe.runIf(mongoTestUri !== '')('on MongoDB', () => {
  let database: TestDatabase;

  beforeAll(async () => {
    database = await createTestDatabase('chat');
  });
  afterAll(() => database.drop());

  describeDelivery('the chat', (options) => startTestApp({ ...options, env: { ...options.env, MONGO_URI: database.uri } }));
});
