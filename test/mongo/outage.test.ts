import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Logger } from '../../src/lib/logger.ts';
import { newId } from '../../src/lib/new-id.ts';
import { createTestDatabase, mongoTestUri, type TestDatabase } from '../support/mongo-server.ts';
import { ScriptedModel } from '../support/scripted-model.ts';
import { createTcpProxy, type TcpProxy } from '../support/tcp-proxy.ts';
import { startTestApp, type TestApp, type TestAppOptions } from '../support/test-app.ts';
import { textOf } from '../support/ws-client.ts';

type Row = Record<string, unknown> & { _id: string };

/** A send is answered within 5 s (PROMISES G9). */
const SEND_LIMIT_MS = 5000;

describe.runIf(mongoTestUri !== '')('a server whose MongoDB goes away', () => {
  let database: TestDatabase;
  let proxy: TcpProxy;
  let model: ScriptedModel;
  let app: TestApp;
  let lines: string[];

  beforeAll(async () => {
    database = await createTestDatabase('outage');
  });
  afterAll(() => database.drop());
  beforeEach(async () => {
    const { hostname, port } = new URL(mongoTestUri);
    proxy = await createTcpProxy({ host: hostname, port: Number(port) });
    model = new ScriptedModel();
    lines = [];
  });
  afterEach(async () => {
    await proxy.resume();
    await app.close();
    await proxy.close();
  });

  const rows = (collection: string) => database.db.collection<Row>(collection);
  const readiness = async () => (await app.request('/readyz')).status;
  const ready = () => expect.poll(readiness, { timeout: 20_000 }).toBe(200);

  async function start(options: TestAppOptions = {}): Promise<TestApp> {
    app = await startTestApp({
      models: [model],
      logger: listening(lines),
      ...options,
      env: { MONGO_URI: database.uriAt(proxy.port), ...options.env },
    });
    return app;
  }

  const frameOf = (text: string, conversationId: string | null = null) => ({
    type: 'message.send',
    clientMessageId: newId(),
    conversationId,
    text,
  });

  it('starts without it, says so, and connects later by itself', async () => {
    await proxy.refuse();
    await start({ awaitReady: false });
    expect(await (await app.request('/healthz')).json()).toEqual({ status: 'ok' });
    const state = await app.request('/readyz');
    expect([state.status, await state.json()]).toEqual([503, { status: 'not-ready' }]);
    await expect.poll(() => lines.join('\n'), { timeout: 10_000 }).toContain('MONGO_URI: the host refuses the connection');
    const begun = performance.now();
    const body = JSON.stringify({ email: 'ada@example.org', password: 'correct horse battery' });
    const login = await app.request('/api/auth/login', { method: 'POST', body });
    expect(performance.now() - begun).toBeLessThan(SEND_LIMIT_MS);
    expect([login.status, await login.json()]).toMatchObject([503, { error: { code: 'STORE_UNAVAILABLE' } }]);
    await proxy.resume();
    await ready();
    const { client } = await app.signup();
    await client.ask('are you there?');
    (await model.nextCall()).text('yes').finish();
  }, 40_000);

  it('tells the reasons to an admin only', async () => {
    const own = await createTestDatabase('reasons');
    await start({ env: { MONGO_URI: own.uri } });
    const admin = await app.signup();
    const person = await app.signup();
    const shown = async (token?: string) => (await app.request('/readyz', token === undefined ? {} : { token })).json();
    expect(await shown(admin.token)).toEqual({ status: 'ready', reasons: [] });
    expect(await shown(person.token)).toEqual({ status: 'ready' });
    expect(await shown()).toEqual({ status: 'ready' });
    await own.drop();
  });

  it('refuses a send in time while nothing comes through, and takes the same one once afterwards', async () => {
    await start();
    const { client } = await app.signup();
    const frame = frameOf('into the void');
    proxy.blackhole();
    for (let tries = 0; tries < 3; tries += 1) {
      const begun = performance.now();
      // Other messages of the same person do not wait for each other's time to run out.
      const refused = await Promise.all([frame, frame, frameOf('another'), frameOf('and another')].map((one) => client.request(one)));
      for (const answer of refused) expect(answer).toMatchObject({ type: 'error', code: 'STORE_UNAVAILABLE' });
      expect(performance.now() - begun).toBeLessThan(SEND_LIMIT_MS);
    }
    expect((await app.request('/healthz')).status).toBe(200);
    await expect.poll(readiness, { timeout: 15_000 }).toBe(503);
    expect(model.calls).toEqual([]);
    await proxy.resume();
    await ready();
    const accepted = await client.request(frame);
    if (accepted.type !== 'message.accepted') throw new Error(JSON.stringify(accepted));
    (await model.nextCall()).text('heard').finish();
    expect((await client.finished(accepted.generationId)).status).toBe('complete');
    expect(await rows('messages').countDocuments({ conversationId: accepted.conversation.id, role: 'user' })).toBe(1);
    expect(model.calls).toHaveLength(1);
  }, 60_000);

  it('answers once what was written without a word from the database, when it is sent again', async () => {
    await start();
    const { client, user } = await app.signup();
    const frame = frameOf('did you get this?');
    proxy.filter((chunk) => {
      // The acceptance arrives; its answer and everything after it does not.
      if (chunk.includes('insert') && chunk.includes('dedupeKey')) queueMicrotask(() => proxy.blackhole());
      return true;
    });
    const begun = performance.now();
    expect(await client.request(frame)).toMatchObject({ type: 'error', code: 'STORE_UNAVAILABLE' });
    expect(performance.now() - begun).toBeLessThan(SEND_LIMIT_MS);
    const stored = await rows('generations').find({ ownerId: user.id }).toArray();
    expect(stored).toMatchObject([{ status: 'running', pending: expect.any(String) }]);
    expect(model.calls).toEqual([]);
    proxy.filter(null);
    await proxy.resume();
    await ready();
    const answers = await Promise.all([client.request(frame), client.request(frame), client.request(frame)]);
    const accepted = answers.flatMap((answer) => (answer.type === 'message.accepted' ? [answer] : []));
    expect(accepted.map((one) => one.generationId)).toEqual(Array.from({ length: 3 }, () => stored[0]?._id));
    const call = await model.nextCall();
    expect(call.request.turns.map((turn) => turn.text)).toEqual(['did you get this?']);
    call.text('I did').finish();
    expect(textOf((await client.finished(accepted[0]?.generationId ?? '')).message)).toBe('I did');
    expect(model.calls).toHaveLength(1);
    expect(await rows('messages').countDocuments({ ownerId: user.id })).toBe(2);
    expect(client.faults).toEqual([]);
  }, 60_000);

  it('goes on with an answer over broken connections', async () => {
    await start();
    const { client } = await app.signup();
    const accepted = await client.ask('hold on');
    const call = await model.nextCall();
    for (const [index, word] of ['one ', 'two ', 'three '].entries()) {
      call.text(word);
      await client.waitFor('generation.delta', (frame) => frame.seq >= index + 1);
      proxy.drop();
    }
    call.finish();
    const finished = await client.finished(accepted.generationId);
    expect(finished.status).toBe('complete');
    expect(await rows('messages').findOne({ _id: accepted.answer.id })).toMatchObject({
      status: 'complete',
      parts: [{ type: 'text', text: 'one two three ' }],
    });
    expect(client.faults).toEqual([]);
  }, 40_000);

  it('finishes an end that was stored by half, and counts it', async () => {
    await start();
    const { client, user } = await app.signup();
    const accepted = await client.ask('end well');
    const call = await model.nextCall();
    call.text('all of it');
    await client.waitFor('generation.delta');
    // The message is final; the wish to end the generation is lost on its way.
    const lost = new Promise<void>((resolve) => {
      proxy.filter((chunk) => {
        if (!chunk.includes('findAndModify') || !chunk.includes('finishedAt')) return true;
        resolve();
        return false;
      });
    });
    call.finish();
    await lost;
    expect(await rows('messages').findOne({ _id: accepted.answer.id })).toMatchObject({ status: 'complete' });
    expect(await rows('generations').findOne({ _id: accepted.generationId })).toMatchObject({ status: 'running' });
    proxy.filter(null);
    expect((await client.finished(accepted.generationId)).status).toBe('complete');
    const generation = await rows('generations').findOne({ _id: accepted.generationId });
    expect(generation).toMatchObject({ status: 'complete' });
    expect(generation).not.toHaveProperty('runningKey');
    expect(await rows('conversations').findOne({ _id: accepted.conversation.id })).toMatchObject({ runningId: null });
    expect(await rows('usage').findOne({ scope: 'user', key: user.id })).toMatchObject({ requests: 1 });
    const next = await client.ask('and again', { conversationId: accepted.conversation.id });
    expect(next.duplicate).toBe(false);
  }, 40_000);

  it('gives an answer up when its text cannot be stored for too long, keeps it, and goes on without a restart', async () => {
    await start({ timings: { maxUnsavedMs: 1500 } });
    const { client } = await app.signup();
    const accepted = await client.ask('tell me much');
    const call = await model.nextCall();
    call.text('stored, ');
    await expect.poll(() => rows('generationEvents').countDocuments({ generationId: accepted.generationId })).toBe(1);
    await proxy.refuse();
    call.text('kept in memory');
    const finished = await client.finished(accepted.generationId);
    expect(call.signal.aborted).toBe(true);
    expect(finished).toMatchObject({ status: 'interrupted', error: { code: 'STORE_UNAVAILABLE' } });
    expect(textOf(finished.message)).toBe('stored, kept in memory');
    await proxy.resume();
    await ready();
    await expect
      .poll(() => rows('messages').findOne({ _id: accepted.answer.id }), { timeout: 15_000 })
      .toMatchObject({ status: 'interrupted', parts: [{ type: 'text', text: 'stored, kept in memory' }] });
    await expect
      .poll(() => rows('conversations').findOne({ _id: accepted.conversation.id }), { timeout: 5000 })
      .toMatchObject({ runningId: null });
    const next = await client.ask('go on', { conversationId: accepted.conversation.id });
    (await model.nextCall()).text('I do').finish();
    expect((await client.finished(next.generationId)).status).toBe('complete');
  }, 60_000);
});

/** Keeps what a log would show. */
function listening(lines: string[]): Logger {
  const write = (_fields: unknown, message: string) => void lines.push(message);
  const logger: Logger = { debug() {}, info: write, warn: write, error: write, child: () => logger };
  return logger;
}
