import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildServerBundle, type ServerBundle } from '../faults/server-bundle.ts';
import { World } from '../faults/world.ts';
import { createTestDatabase, mongoTestUri, type TestDatabase } from '../support/mongo-server.ts';
import { createTcpProxy, type TcpProxy } from '../support/tcp-proxy.ts';
import { textOf } from '../support/ws-client.ts';

/** PROMISES G7: by then the lease of a dead process (45 s) has ended and another process has seen it. */
const LEASE_LIMIT_MS = 60_000;

describe.runIf(mongoTestUri !== '')('a server on MongoDB that is killed', () => {
  let bundle: ServerBundle;
  let database: TestDatabase;
  let store: TcpProxy;
  let world: World;

  beforeAll(async () => {
    bundle = await buildServerBundle();
    database = await createTestDatabase('kills');
    const { hostname, port } = new URL(mongoTestUri);
    store = await createTcpProxy({ host: hostname, port: Number(port) });
    world = await World.open({ program: bundle.program, env: { MONGO_URI: database.uriAt(store.port) } });
  });
  afterAll(async () => {
    await world.close();
    await store.close();
    await database.drop();
    await bundle.remove();
  });

  const frame = (clientMessageId: string, text: string) => ({ type: 'message.send', clientMessageId, conversationId: null, text });
  /** The write that is the acceptance. */
  const isAcceptance = (chunk: Buffer) => chunk.includes('insert') && chunk.includes('dedupeKey');

  async function killedAndBack(): Promise<void> {
    await world.kill();
    store.mend();
    await store.resume();
    await world.start();
  }

  it('with the frame received and nothing written, takes the same message once afterwards', async () => {
    const message = frame('m02', 'before the write');
    const reached = new Promise<void>((resolve) => {
      store.filter((chunk) => {
        if (!isAcceptance(chunk)) return true;
        resolve();
        return false;
      });
    });
    (await world.tab()).send(message);
    await reached;
    await killedAndBack();
    expect(await database.db.collection('generations').countDocuments({})).toBe(0);
    const tab = await world.tab();
    const accepted = await tab.request(message);
    expect(accepted).toMatchObject({ type: 'message.accepted', duplicate: false });
    if (accepted.type === 'message.accepted') expect((await tab.finished(accepted.generationId)).status).toBe('complete');
    expect((await world.allMessages()).map(({ role }) => role)).toEqual(['assistant', 'user']);
  }, 60_000);

  it('with the message written and its sender not told, has it once, and ends its answer when the lease does', async () => {
    const message = frame('m01', 'after the write');
    const swallowed = world.wire.cut({ atFrame: (text) => text.includes('message.accepted'), share: 0 });
    world.upstream.blackhole();
    (await world.tab()).send(message);
    await swallowed;
    const killedAt = performance.now();
    await world.upstream.resume();
    await killedAndBack();
    const tab = await world.tab();
    const again = await tab.request(message);
    if (again.type !== 'message.accepted') throw new Error(JSON.stringify(again));
    expect(again.duplicate).toBe(true);
    const status = async () => (await world.messages(again.conversation.id)).find(({ id }) => id === again.answer.id)?.status;
    await expect.poll(status, { timeout: LEASE_LIMIT_MS - (performance.now() - killedAt), interval: 500 }).toBe('interrupted');
    const messages = await world.messages(again.conversation.id);
    expect(messages.filter((one) => textOf(one) === message.text)).toHaveLength(1);
    expect(world.oracle.asked(message.text)).toEqual([]);
    expect(world.faults()).toEqual([]);
  }, 90_000);
});
