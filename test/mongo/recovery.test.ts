import { setImmediate } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createMongoDatabase } from '../../src/infrastructure/database/mongo-database.ts';
import type { DocumentDatabase } from '../../src/lib/document-store.ts';
import { silentLogger } from '../../src/lib/logger.ts';
import { newId } from '../../src/lib/new-id.ts';
import type { ServerFrameOf } from '../../src/protocol/index.ts';
import { dedupeKeyOf } from '../../src/services/generations/acceptance.ts';
import { hashOfSend } from '../../src/services/generations/generation-plans.ts';
import type { GenerationRecord } from '../../src/services/generations/generation-record.ts';
import { collections } from '../../src/wiring/wire-storage.ts';
import { createTestDatabase, mongoTestUri, type TestDatabase } from '../support/mongo-server.ts';
import { type ScriptedCall, ScriptedModel } from '../support/scripted-model.ts';
import { createTcpProxy, type TcpProxy } from '../support/tcp-proxy.ts';
import { startTestApp, type TestApp, type TestAppOptions } from '../support/test-app.ts';
import { textOf } from '../support/ws-client.ts';

type Row = Record<string, unknown> & { _id: string };
type Frame = ServerFrameOf<'message.accepted'>;

describe.runIf(mongoTestUri !== '')('several processes on one MongoDB', () => {
  let database: TestDatabase;
  /** The store without a server: writes what a dead process wrote. */
  let store: DocumentDatabase;
  let model: ScriptedModel;
  const apps: TestApp[] = [];

  beforeAll(async () => {
    database = await createTestDatabase('recovery');
    store = createMongoDatabase({ uri: database.uri, collections, logger: silentLogger });
    await store.start();
    await store.whenReady();
  });
  afterAll(async () => {
    await store.close();
    await database.drop();
  });
  beforeEach(() => {
    model = new ScriptedModel();
  });
  afterEach(async () => {
    await Promise.all(apps.splice(0).map((app) => app.close()));
  });

  async function start(options: TestAppOptions & { uri?: string } = {}): Promise<TestApp> {
    const { uri = database.uri, ...rest } = options;
    const env = { MONGO_URI: uri, JWT_SECRET_KEY: 'the same secret of every process of these tests, 48 long' };
    const app = await startTestApp({ models: [model], ...rest, env });
    apps.push(app);
    return app;
  }

  const rows = (collection: string) => database.db.collection<Row>(collection);

  /** What a process leaves behind that dies right after the first write of an acceptance. */
  async function crashAfterAcceptance(app: TestApp, leaseMs: number) {
    const person = await app.signup();
    const ids = { generation: newId(), conversation: newId(), message: newId(), answer: newId() };
    const request = {
      user: { ...person.user, role: 'user' as const },
      clientMessageId: newId(),
      conversationId: null,
      text: 'before the crash',
    };
    const now = Date.now();
    const common = { ownerId: person.user.id, conversationId: ids.conversation, createdAt: now, words: ['before', 'the', 'crash'] };
    const conversation = {
      ...{ id: ids.conversation, ownerId: person.user.id, title: 'before the crash', titledBy: 'automatic', headId: null, settings: {} },
      ...{ state: 'live', deletedAt: null, runningId: null, words: common.words, createdAt: now, updatedAt: now },
    };
    const parts = [{ type: 'text', text: request.text }];
    const message = { ...common, id: ids.message, parentId: null, role: 'user', status: 'complete', parts };
    const answer = { ...common, id: ids.answer, parentId: ids.message, role: 'assistant', status: 'streaming', parts: [], words: [] };
    const pending = [
      { type: 'insertIfAbsent', collection: 'conversations', document: conversation },
      { type: 'insertIfAbsent', collection: 'messages', document: message },
      { type: 'insertIfAbsent', collection: 'messages', document: { ...answer, generationId: ids.generation, seq: 0, model: 'scripted' } },
      {
        type: 'update',
        collection: 'conversations',
        id: ids.conversation,
        change: { set: { headId: ids.answer, runningId: ids.generation } },
      },
    ];
    const row: GenerationRecord = {
      id: ids.generation,
      ownerId: person.user.id,
      conversationId: ids.conversation,
      userMessageId: ids.message,
      messageId: ids.answer,
      dedupeKey: dedupeKeyOf(person.user.id, request.clientMessageId),
      bodyHash: hashOfSend(request),
      runningKey: ids.conversation,
      status: 'running',
      model: 'scripted',
      level: 'normal',
      epoch: newId(),
      leaseOwner: 'a dead process',
      leaseUntil: now + leaseMs,
      pending: JSON.stringify(pending),
      startedAt: now,
    };
    await store.documents.insert('generations', row);
    return { ...person, ids, request };
  }

  async function storedOf(ids: { conversation: string; generation: string }) {
    const messages = await rows('messages').find({ conversationId: ids.conversation }).sort({ _id: 1 }).toArray();
    const generation = await rows('generations').findOne({ _id: ids.generation });
    const conversation = await rows('conversations').findOne({ _id: ids.conversation });
    return { messages, generation, conversation };
  }

  describe('after a crash between the acceptance and its messages', () => {
    it('mends it once when the lease has ended, although two processes start', async () => {
      const { ids, token } = await crashAfterAcceptance(await start(), -1);
      const [first] = await Promise.all([start(), start()]);
      const { messages, generation, conversation } = await storedOf(ids);
      expect(messages.map(({ role, status }) => [role, status])).toEqual([
        ['user', 'complete'],
        ['assistant', 'interrupted'],
      ]);
      expect(generation).toMatchObject({ status: 'interrupted' });
      expect(generation).not.toHaveProperty('pending');
      expect(generation).not.toHaveProperty('runningKey');
      expect(conversation).toMatchObject({ runningId: null, headId: ids.answer });
      const listed = await first.request(`/api/conversations/${ids.conversation}/messages`, { token });
      const { items } = (await listed.json()) as { items: Parameters<typeof textOf>[0][] };
      expect(items.map(textOf)).toEqual(['', 'before the crash']);
      const client = await first.connect(token);
      const next = await client.ask('and now?', { conversationId: ids.conversation });
      (await model.nextCall()).text('here').finish();
      expect((await client.finished(next.generationId)).status).toBe('complete');
    });

    it('leaves it alone while the lease may be held, and mends its messages once when it is read or sent again', async () => {
      const app = await start();
      const { ids, client, request, token } = await crashAfterAcceptance(app, 60_000);
      const other = await start();
      expect((await storedOf(ids)).messages).toEqual([]);
      const reader = await other.connect(token);
      const attached = reader.next((frame) => frame.type === 'generation.snapshot' || frame.type === 'error');
      reader.send({ type: 'generation.attach', generationId: ids.generation, afterSeq: 99 });
      expect(await attached).toMatchObject({ type: 'generation.snapshot', message: { id: ids.answer, status: 'streaming' } });
      expect((await storedOf(ids)).messages).toHaveLength(2);
      const { user: _user, ...sent } = request;
      const again = { type: 'message.send', ...sent };
      const answers = await Promise.all([client.request(again), reader.request(again), client.request(again)]);
      for (const answer of answers) {
        expect(answer).toMatchObject({
          type: 'message.accepted',
          duplicate: true,
          generationId: ids.generation,
          message: { id: ids.message },
        });
      }
      const { messages, generation, conversation } = await storedOf(ids);
      expect(messages).toHaveLength(2);
      expect(generation).not.toHaveProperty('pending');
      expect(conversation).toMatchObject({ runningId: ids.generation });
      expect(model.calls).toHaveLength(0);
    });

    it('ends it by itself when the lease runs out', async () => {
      const app = await start({ timings: { heartbeatMs: 200 } });
      const { ids } = await crashAfterAcceptance(app, 600);
      await expect
        .poll(async () => (await storedOf(ids)).messages.map(({ status }) => status), { timeout: 10_000 })
        .toEqual(['complete', 'interrupted']);
    });
  });

  describe('two living processes', () => {
    async function asked(options: TestAppOptions = {}) {
      const [a, b] = [await start(options), await start(options)];
      const person = await a.signup();
      const reader = await b.connect(person.token);
      const accepted: Frame = await person.client.ask('write this');
      const call: ScriptedCall = await model.nextCall();
      return { a, b, ...person, reader, accepted, call };
    }

    it('show every event of an answer to a reader of the other one', async () => {
      const { client, reader, accepted, call } = await asked();
      call.text('one ', 'two ');
      await client.waitFor('generation.delta', (frame) => frame.seq >= 2);
      reader.send({ type: 'generation.attach', generationId: accepted.generationId, afterSeq: 0 });
      await reader.waitFor('generation.delta', (frame) => frame.seq >= 2);
      call.emit({ type: 'thought', text: 'hm' }).text('three ');
      await reader.waitFor('generation.delta', (frame) => frame.seq >= 4);
      // The end comes with events that no batch has stored before.
      call.text('four').finish();
      const [here, there] = await Promise.all([client.finished(accepted.generationId), reader.finished(accepted.generationId)]);
      expect(there).toMatchObject({ status: 'complete', seq: here.seq, textSha256: here.textSha256 });
      expect(reader.answers.get(accepted.generationId)).toMatchObject({ text: 'one two three four', thoughts: 'hm', snapshots: 0 });
      expect([...client.faults, ...reader.faults]).toEqual([]);
    });

    it('show a conversation as it grows in the other one, and its end', async () => {
      const { client, reader, accepted, call } = await asked();
      call.text('grown ');
      await client.waitFor('generation.delta');
      const opened = await reader.request({ type: 'conversation.open', conversationId: accepted.conversation.id });
      expect(opened).toMatchObject({ type: 'conversation.opened', running: [{ generationId: accepted.generationId }] });
      call.text('up').finish();
      const end = await reader.finished(accepted.generationId);
      expect(textOf(end.message)).toBe('grown up');
      expect(reader.faults).toEqual([]);
    });

    it('stop an answer of the other one within about a second', async () => {
      const { client, reader, accepted, call } = await asked();
      call.text('partial');
      await client.waitFor('generation.delta');
      const begun = performance.now();
      expect((await reader.request({ type: 'generation.stop', generationId: accepted.generationId })).type).toBe('notice');
      const finished = await client.finished(accepted.generationId);
      // Half a second of polling, and room for a slow machine.
      expect(performance.now() - begun).toBeLessThan(2000);
      expect(finished.status).toBe('stopped');
      expect(textOf(finished.message)).toBe('partial');
      expect(call.signal.aborted).toBe(true);
    });

    it('accept the same client id at the same moment once', async () => {
      const [a, b] = [await start(), await start()];
      const { client, token } = await a.signup();
      const other = await b.connect(token);
      let known: string | null = null;
      for (let round = 0; round < 10; round += 1) {
        const before = model.calls.length;
        // Every other round in a conversation that is there.
        const place: string | null = round % 2 === 0 ? null : known;
        const frame = { type: 'message.send', clientMessageId: `same-${round}`, conversationId: place, text: `round ${round}` };
        const answers = await Promise.all([client, other, client, other].map((one) => one.request(frame)));
        const accepted = answers.flatMap((answer) => (answer.type === 'message.accepted' ? [answer] : []));
        expect(accepted).toHaveLength(4);
        expect(new Set(accepted.map((one) => one.generationId)).size).toBe(1);
        expect(accepted.filter((one) => !one.duplicate)).toHaveLength(1);
        (await model.nextCall()).text('once').finish();
        const id = accepted[0]?.generationId ?? '';
        // The loser's people see the answer too, without asking for it.
        for (const reader of [client, other]) expect(textOf((await reader.finished(id)).message)).toBe('once');
        expect(model.calls.length - before).toBe(1);
        const conversationId: string = accepted[0]?.conversation.id ?? '';
        expect(await rows('messages').countDocuments({ conversationId })).toBe(place === null ? 2 : 4);
        known = conversationId;
      }
      expect([...client.faults, ...other.faults]).toEqual([]);
    });

    it('let only one of them write in a conversation', async () => {
      const { client, reader, accepted, call } = await asked();
      const conversationId = accepted.conversation.id;
      const refused = await reader.request({ type: 'message.send', clientMessageId: newId(), conversationId, text: 'me too' });
      expect(refused).toMatchObject({ type: 'error', code: 'GENERATION_RUNNING' });
      call.text('done').finish();
      await client.finished(accepted.generationId);
      expect((await reader.ask('me now', { conversationId })).duplicate).toBe(false);
    });
  });

  describe('a process that is cut off from the database', () => {
    let proxy: TcpProxy;

    beforeEach(async () => {
      const { hostname, port } = new URL(mongoTestUri);
      proxy = await createTcpProxy({ host: hostname, port: Number(port) });
    });
    afterEach(() => proxy.close());

    it('loses its answer when the lease ends, and cannot write to it any more', async () => {
      const timings = { leaseMs: 3000, heartbeatMs: 400 };
      const a = await start({ uri: database.uriAt(proxy.port), timings });
      const b = await start({ timings });
      const { client, token } = await a.signup();
      const accepted = await client.ask('cut me off');
      const call = await model.nextCall();
      call.text('stored ');
      const stored = () => rows('generationEvents').countDocuments({ generationId: accepted.generationId });
      await expect.poll(stored).toBe(1);
      const reader = await b.connect(token);
      reader.send({ type: 'generation.attach', generationId: accepted.generationId, afterSeq: 0 });
      await reader.waitFor('generation.delta');
      const before = await rows('generations').findOne({ _id: accepted.generationId });
      await proxy.refuse();
      call.text('and lost');
      const end = await reader.finished(accepted.generationId);
      expect(end.status).toBe('interrupted');
      expect(textOf(end.message)).toBe('stored ');
      expect(Date.now()).toBeGreaterThan(Number(before?.['leaseUntil']));
      const continued = await reader.request({ type: 'message.continue', clientMessageId: newId(), messageId: accepted.answer.id });
      expect(continued.type).toBe('message.accepted');
      (await model.nextCall()).text('and found');
      // The first process comes back and says the end of what is no longer its own.
      await proxy.resume();
      call.finish();
      await client.finished(accepted.generationId);
      await setImmediate();
      expect(await rows('messages').findOne({ _id: accepted.answer.id })).toMatchObject({ status: 'streaming' });
      const row = await rows('generations').findOne({ _id: accepted.generationId });
      expect(row).toMatchObject({ status: 'interrupted' });
      expect(row?.['leaseOwner']).not.toBe(before?.['leaseOwner']);
      expect(reader.faults).toEqual([]);
    });
  });
});
