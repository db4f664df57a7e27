import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { MongoClient } from 'mongodb';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createMongoDatabase } from '../../src/infrastructure/database/mongo-database.ts';
import type { CollectionSpec, Document, DocumentDatabase } from '../../src/lib/document-store.ts';
import { silentLogger } from '../../src/lib/logger.ts';
import { newId } from '../../src/lib/new-id.ts';
import { StoreUnavailableError } from '../../src/lib/store-errors.ts';

const uri = process.env['MONGO_TEST_URI'] ?? '';
const things: readonly CollectionSpec[] = [{ name: 'things', indexes: [{ name: 'byOwner', fields: ['owner'] }] }];

/** A wire that can be cut (connections end, new ones are refused) or swallow everything without a word. */
async function createWire(target: URL) {
  const sockets = new Set<Socket>();
  let swallow = false;
  let port = 0;
  let server: Server | null = null;

  function join(near: Socket): void {
    const far = connect(Number(target.port), target.hostname);
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on('error', () => socket.destroy());
      socket.on('close', () => {
        sockets.delete(socket);
        near.destroy();
        far.destroy();
      });
    }
    near.on('data', (chunk) => swallow || far.write(chunk));
    far.on('data', (chunk) => swallow || near.write(chunk));
  }

  async function mend(): Promise<void> {
    swallow = false;
    if (server !== null) return;
    server = createServer(join);
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    // A TCP server has an address of this kind.
    port = (server.address() as AddressInfo).port;
  }

  async function cut(): Promise<void> {
    const closing = server;
    server = null;
    for (const socket of sockets) socket.destroy();
    if (closing !== null) await new Promise((resolve) => closing.close(resolve));
  }

  await mend();
  return { uri: `mongodb://127.0.0.1:${port}/`, mend, cut, swallow: () => (swallow = true) };
}

describe.runIf(uri !== '')('the MongoDB store when the database goes away', () => {
  let wire: Awaited<ReturnType<typeof createWire>>;
  let database: DocumentDatabase;
  const databaseName = `faults_${newId()}`;

  const create = (from = wire.uri, collections = things) =>
    createMongoDatabase({ uri: from, databaseName, collections, logger: silentLogger });

  beforeEach(async () => {
    wire = await createWire(new URL(uri));
    database = create();
  });
  afterEach(async () => {
    await database.close();
    await wire.cut();
  });

  async function ready(of = database): Promise<void> {
    await of.start();
    await of.whenReady(AbortSignal.timeout(15_000));
  }

  it('connects later by itself when the database was away at the start', async () => {
    await wire.cut();
    await database.start();
    await expect.poll(() => database.state().reason, { timeout: 10_000 }).toMatch(/refuses the connection/);
    await wire.mend();
    await database.whenReady(AbortSignal.timeout(20_000));
    await database.documents.insert('things', { id: newId() });
  }, 40_000);

  it.each<['cut' | 'swallow']>([['cut'], ['swallow']])(
    'fails within 5 s without a false answer and recovers when the wire is %s',
    async (fault) => {
      await ready();
      const kept = newId();
      await database.documents.insert('things', { id: kept });
      await wire[fault]();
      for (let call = 0; call < 3; call += 1) {
        const begun = Date.now();
        await expect(database.documents.insert('things', { id: newId() })).rejects.toBeInstanceOf(StoreUnavailableError);
        expect(Date.now() - begun).toBeLessThan(5000);
      }
      await expect.poll(() => database.state().ready, { timeout: 15_000 }).toBe(false);
      expect(database.state().reason).toMatch(/^Mongo/i);
      await wire.mend();
      await expect.poll(() => database.state().ready, { timeout: 15_000 }).toBe(true);
      expect(await database.documents.get('things', kept)).toEqual({ id: kept });
      await database.documents.insert('things', { id: newId() });
    },
    60_000,
  );

  it('makes a new unique index hold for the documents that are there, and drops indexes that are gone', async () => {
    const collection = `users${newId()}`;
    await ready();
    await database.close();
    const first = create(wire.uri, [{ name: collection, indexes: [{ name: 'byAge', fields: ['age'] }] }]);
    await ready(first);
    for (const [id, email] of [
      ['a', 'x'],
      ['b', 'y'],
      ['c', null],
    ])
      await first.documents.insert(collection, { id: id ?? '', email } as Document);
    await first.close();
    const second = create(wire.uri, [{ name: collection, indexes: [{ name: 'email', fields: ['email'], unique: true }] }]);
    await ready(second);
    await expect(second.documents.insert(collection, { id: 'd', email: 'x' } as Document)).rejects.toMatchObject({ index: 'email' });
    await second.documents.insert(collection, { id: 'e', email: null } as Document);
    await second.close();
    const client = await MongoClient.connect(uri);
    const names = (await client.db(databaseName).collection(collection).indexes()).map((index) =>
      String(index.name).replace(/_[0-9a-f]+$/, ''),
    );
    await client.close();
    expect(names.toSorted()).toEqual(['_id_', 'find_email', 'unique_email'].toSorted());
  }, 40_000);

  it('shares its cursors between two processes', async () => {
    await ready();
    const other = create();
    await ready(other);
    const owner = newId();
    for (let n = 0; n < 3; n += 1) await database.documents.insert('things', { id: newId(), owner } as Document);
    const query = { index: 'byOwner', where: { owner }, limit: 2 };
    const { nextCursor } = await database.documents.find('things', query);
    expect((await other.documents.find('things', { ...query, cursor: nextCursor ?? '' })).items).toHaveLength(1);
    await other.close();
  });
});
