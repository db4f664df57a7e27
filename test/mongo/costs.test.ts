import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createMongoDatabase } from '../../src/infrastructure/database/mongo-database.ts';
import type { DocumentDatabase } from '../../src/lib/document-store.ts';
import { silentLogger } from '../../src/lib/logger.ts';
import { chargeOf, UsageLedger } from '../../src/services/costs/usage-ledger.ts';
import { generationsCollection } from '../../src/services/generations/generation-record.ts';
import { collections } from '../../src/wiring/wire-storage.ts';
import { createTestDatabase, mongoTestUri, type TestDatabase } from '../support/mongo-server.ts';
import { startTestApp } from '../support/test-app.ts';

type Row = Record<string, unknown> & { _id: string };

describe.runIf(mongoTestUri !== '')('costs on MongoDB', () => {
  let database: TestDatabase;
  /** The store without a server: writes what a dead process wrote. */
  let store: DocumentDatabase;

  beforeAll(async () => {
    database = await createTestDatabase('costs');
    store = createMongoDatabase({ uri: database.uri, collections, logger: silentLogger });
    await store.start();
    await store.whenReady();
  });
  afterAll(async () => {
    await store.close();
    await database.drop();
  });

  it('counts once what a process left that died in the middle of counting, though two come after it', async () => {
    const { documents } = store;
    const at = Date.now() - 3_600_000;
    const charge = chargeOf({ inputTokens: 10, outputTokens: 5, thoughtTokens: 0, totalTokens: 15, costMicroUsd: 70 }, at);
    const left = ['dead1', 'dead2', 'dead3'].map((id) => ({ id, ownerId: 'ada', model: 'm', leaseOwner: `process-${id}` }));
    for (const [index, generation] of left.entries()) {
      const ledger = new UsageLedger(documents);
      const ended = { ...generation, dedupeKey: generation.id, status: 'complete', finishedAt: at, ...ledger.endFields(charge) };
      await documents.insert(generationsCollection.name, ended);
      // Nothing of the first, some rows of the second, all but the mark of the third.
      await documents.batch(ledger.operations(generation, charge).slice(0, index * 6));
    }
    const env = { MONGO_URI: database.uri, JWT_SECRET_KEY: 'the same secret of every process of these tests, 48 long' };
    const apps = await Promise.all([startTestApp({ env }), startTestApp({ env })]);
    await Promise.all(apps.map((app) => app.close()));
    const usage = await database.db.collection<Row>('usage').find({}).toArray();
    expect(usage.map(({ scope }) => String(scope)).toSorted()).toEqual(['all-day', 'all-month', 'model', 'user', 'user-day', 'user-month']);
    for (const row of usage) expect(row, String(row['scope'])).toMatchObject({ requests: 3, inputTokens: 30, costMicroUsd: 210 });
    expect(await database.db.collection<Row>('generations').countDocuments({ uncounted: true })).toBe(0);
  });
});
