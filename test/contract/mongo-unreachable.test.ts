import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { createMongoDatabase } from '../../src/infrastructure/database/mongo-database.ts';
import type { DocumentDatabase } from '../../src/lib/document-store.ts';
import { type Logger, silentLogger } from '../../src/lib/logger.ts';
import { StoreUnavailableError } from '../../src/lib/store-errors.ts';

/** What a start without a usable MongoDB does; needs no MongoDB. */
describe('the MongoDB store without a MongoDB', () => {
  const ends: Array<() => unknown> = [];
  afterEach(async () => {
    for (const end of ends.splice(0).reverse()) await end();
  });

  const callTimeoutMs = 1500;
  function start(uri: string): { database: DocumentDatabase; lines: string[] } {
    const lines: string[] = [];
    const logger: Logger = { ...silentLogger, warn: (fields, message) => lines.push(`${JSON.stringify(fields)} ${message}`) };
    const database = createMongoDatabase({ uri, collections: [{ name: 'things', indexes: [] }], logger, callTimeoutMs });
    ends.push(() => database.close());
    return { database, lines };
  }

  async function listen(onSocket: (socket: Socket) => void): Promise<number> {
    const sockets = new Set<Socket>();
    const server = createServer((socket) => {
      sockets.add(socket);
      socket.on('error', () => socket.destroy());
      onSocket(socket);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    ends.push(() => {
      for (const socket of sockets) socket.destroy();
      server.close();
    });
    // A TCP server has an address of this kind.
    return (server.address() as AddressInfo).port;
  }

  async function closedPort(): Promise<number> {
    const port = await listen(() => {});
    await ends.pop()?.();
    return port;
  }

  const secret = 'Tr0ub4dor-secret';

  it.each<[string, () => Promise<string> | string, RegExp]>([
    ['nobody listens', async () => `mongodb://user:${secret}@127.0.0.1:${await closedPort()}/`, /refuses the connection/],
    ['the host never answers', async () => `mongodb://user:${secret}@127.0.0.1:${await listen(() => {})}/`, /does not answer/],
    [
      'the host hangs up',
      async () => `mongodb://user:${secret}@127.0.0.1:${await listen((socket) => socket.destroy())}/`,
      /connection broke|does not answer/,
    ],
    ['the name does not exist', () => `mongodb://user:${secret}@no-such-host.invalid/`, /cannot be resolved/],
    ['the address is no address', () => `mongo//user:${secret}@host`, /cannot be read/],
    ['the address has a bad option', () => `mongodb://user:${secret}@127.0.0.1:1/?w=majority&tls=perhaps`, /cannot be read/],
    ['the address has a bare % in the password', () => `mongodb://user:${secret}%zz@127.0.0.1:1/`, /cannot be read/],
  ])('stays up and says why when %s', async (_, uri, reason) => {
    const { database, lines } = start(await uri());
    await database.start();
    await expect.poll(() => database.state().reason, { timeout: 15_000 }).toMatch(reason);
    expect(database.state()).toMatchObject({ kind: 'mongodb', ready: false });
    const begun = Date.now();
    await expect(database.documents.get('things', 'x')).rejects.toBeInstanceOf(StoreUnavailableError);
    await expect(database.documents.insert('things', { id: 'x' })).rejects.toThrow(reason);
    await expect(database.documents.now()).rejects.toBeInstanceOf(StoreUnavailableError);
    // None of the three waited for its own time.
    expect(Date.now() - begun).toBeLessThan(1000);
    expect(lines).toHaveLength(1);
    expect(lines.join() + JSON.stringify(database.state())).not.toContain(secret);
    await expect(database.whenReady(AbortSignal.timeout(50))).rejects.toThrow();
  });

  it('closes while it is still connecting', async () => {
    const port = await listen(() => {});
    const { database } = start(`mongodb://127.0.0.1:${port}/`);
    await database.start();
    await database.close();
    expect(database.state()).toEqual({ kind: 'mongodb', ready: false, reason: 'MongoDB: the connection is closed' });
    await expect(database.documents.get('things', 'x')).rejects.toBeInstanceOf(StoreUnavailableError);
  });
});
