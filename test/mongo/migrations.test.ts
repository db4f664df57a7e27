import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createMongoDatabase } from '../../src/infrastructure/database/mongo-database.ts';
import type { Migration } from '../../src/infrastructure/database/schema-migrations.ts';
import type { CollectionSpec, Document, DocumentDatabase } from '../../src/lib/document-store.ts';
import { silentLogger } from '../../src/lib/logger.ts';
import { createTestDatabase, mongoTestUri, type TestDatabase } from '../support/mongo-server.ts';

type Thing = Document & { readonly code?: string; readonly count?: number };

const things: CollectionSpec = { name: 'things', indexes: [{ name: 'thingsCode', fields: ['code'], unique: true }] };

function addCode(before: (document: { readonly [name: string]: unknown }) => void = () => {}): Migration {
  return {
    to: 2,
    describe: 'every thing has a code',
    run: {
      things(document) {
        before(document);
        return document['code'] === undefined ? { ...document, code: `c-${document['id'] as string}` } : null;
      },
    },
  };
}

describe.runIf(mongoTestUri !== '')('a migration on MongoDB', () => {
  let test: TestDatabase;
  const opened: DocumentDatabase[] = [];

  beforeEach(async () => {
    test = await createTestDatabase('migrations');
  });
  afterEach(async () => {
    for (const database of opened.splice(0)) await database.close();
    await test.drop();
  });

  async function start(migrations: readonly Migration[]): Promise<DocumentDatabase> {
    const database = createMongoDatabase({ uri: test.uri, collections: [things], logger: silentLogger, migrations });
    opened.push(database);
    await database.start();
    return database;
  }

  async function open(migrations: readonly Migration[]): Promise<DocumentDatabase> {
    const database = await start(migrations);
    await database.whenReady();
    return database;
  }

  async function fill(count: number): Promise<DocumentDatabase> {
    const database = await open([]);
    const document = (at: number) => ({ id: String(at).padStart(5, '0'), count: 0 });
    const rows = Array.from({ length: count }, (_, at) => ({ type: 'insert', collection: 'things', document: document(at) }) as const);
    await database.documents.batch(rows);
    return database;
  }

  const schema = async () => (await test.db.collection<{ _id: string; value: number }>('meta').findOne({ _id: 'schemaVersion' }))?.value;

  it('changes every document, with the keys of its unique indexes, and is done once', async () => {
    await fill(250);
    const database = await open([addCode()]);
    expect(await database.documents.get<Thing>('things', '00249')).toEqual({ id: '00249', count: 0, code: 'c-00249' });
    await expect(database.documents.insert('things', { id: 'x', code: 'c-00007' } as Thing)).rejects.toThrow('thingsCode');
    expect(await schema()).toBe(2);
    let calls = 0;
    await open([
      addCode(() => {
        calls += 1;
      }),
    ]);
    expect(calls).toBe(0);
  });

  it('is run by one of two processes that start together, while the version before goes on writing', async () => {
    const old = await fill(250);
    let calls = 0;
    const step = addCode(() => {
      calls += 1;
    });
    const writes = Array.from({ length: 50 }, (_, at) =>
      old.documents.update('things', String(at).padStart(5, '0'), { increment: { count: 1 } }),
    );
    const [one] = await Promise.all([open([step]), open([step]), ...writes]);
    // Once each, and once more where a write came between.
    expect(calls).toBeGreaterThanOrEqual(250);
    expect(calls).toBeLessThan(500);
    const found = await one.scan<Thing>('things', { after: null, limit: 1000 });
    expect(found.every(({ id, code }) => code === `c-${id}`)).toBe(true);
    expect(found.reduce((sum, { count = 0 }) => sum + count, 0)).toBe(50);
  });

  it('goes on where a process that died had come to, when its lease has ended', async () => {
    await fill(250);
    const progress = { owner: 'dead', until: 1, to: 2, collection: 'things', after: '00149' };
    await test.db.collection<{ _id: string }>('meta').insertOne({ _id: 'migration', ...progress });
    const seen: string[] = [];
    await open([addCode((document) => void seen.push(String(document['id'] as string)))]);
    expect([seen.length, seen[0]]).toEqual([100, '00150']);
    expect(await schema()).toBe(2);
  });

  it('waits while another process has the lease', async () => {
    await fill(3);
    const meta = test.db.collection<{ _id: string; until: number }>('meta');
    await meta.insertOne({ _id: 'migration', until: Date.now() + 600_000 });
    let calls = 0;
    const database = await start([
      addCode(() => {
        calls += 1;
      }),
    ]);
    await expect(database.whenReady(AbortSignal.timeout(1500))).rejects.toThrow();
    expect(calls).toBe(0);
    await meta.updateOne({ _id: 'migration' }, { $set: { until: 1 } });
    await database.whenReady();
    expect(calls).toBe(3);
  });

  it('refuses data of a newer version for good, with a line that says what to do', async () => {
    await open([addCode()]);
    const older = await start([]);
    await expect(older.whenReady()).rejects.toThrow(
      'MONGO_URI: the data was written by a newer version (schema 2, this one knows 1): start that version',
    );
    await expect(older.whenReady()).rejects.toThrow('start that version');
    expect(older.state().ready).toBe(false);
  });
});
