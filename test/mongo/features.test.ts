import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createTestDatabase, mongoTestUri, type TestDatabase } from '../support/mongo-server.ts';
import { createRareTimerClock } from '../support/rare-timer-clock.ts';
import { ScriptedModel } from '../support/scripted-model.ts';
import { startTestApp, type TestApp } from '../support/test-app.ts';
import type { WsClient } from '../support/ws-client.ts';

type Row = Record<string, unknown> & { _id: string };

describe.runIf(mongoTestUri !== '')('the rest of the chat on MongoDB', () => {
  let database: TestDatabase;
  let app: TestApp;
  let model: ScriptedModel;
  let clock: ReturnType<typeof createRareTimerClock>;

  beforeAll(async () => {
    database = await createTestDatabase('features');
  });
  afterAll(() => database.drop());
  beforeEach(() => start());
  afterEach(() => app.close());

  async function start(env: Record<string, string> = {}): Promise<void> {
    model = new ScriptedModel(['scripted', 'other']);
    clock = createRareTimerClock();
    app = await startTestApp({ models: [model], clock, env: { MONGO_URI: database.uri, ...env } });
  }

  const rows = (collection: string) => database.db.collection<Row>(collection);

  async function talk(client: WsClient, text: string, answer: string, conversationId: string | null = null) {
    const accepted = await client.ask(text, { conversationId });
    (await model.nextCall()).text(answer).finish();
    await client.finished(accepted.generationId);
    return accepted;
  }

  it('keeps the settings of a person and those of a conversation over them', async () => {
    const { client, token } = await app.signup();
    const { conversation } = await talk(client, 'hello', 'hi');
    const update = (settings: object, conversationId?: string) =>
      client.request({ type: 'settings.update', settings, ...(conversationId === undefined ? {} : { conversationId }) });
    expect(await update({ model: 'other', temperature: 1 })).toMatchObject({ settings: { model: 'other', temperature: 1 } });
    expect(await update({ temperature: 0.5 }, conversation.id)).toMatchObject({ settings: { model: 'other', temperature: 0.5 } });
    expect(await update({ temperature: null }, conversation.id)).toMatchObject({ settings: { model: 'other', temperature: 1 } });
    const again = await app.connect(token);
    const held = await app.request(`/api/settings?conversationId=${conversation.id}`, { token });
    expect(await held.json()).toEqual({ settings: { model: 'other', temperature: 1 } });
    expect(again.frames.find((frame) => frame.type === 'welcome')).toMatchObject({ settings: { model: 'other', temperature: 1 } });
    const accepted = await client.ask('which model?', { conversationId: conversation.id });
    const call = await model.nextCall();
    expect([call.request.model, call.request.temperature]).toEqual(['other', 1]);
    call.finish();
    await client.finished(accepted.generationId);
  });

  it('counts requests and tokens of a person and of a model, and keeps to a daily limit', async () => {
    await app.close();
    await start({ LIMIT_USER_RPD: '2' });
    const { client, user } = await app.signup();
    const usage = { inputTokens: 10, outputTokens: 5, thoughtTokens: 2, totalTokens: 17 };
    for (const text of ['one', 'two']) {
      const accepted = await client.ask(text);
      (await model.nextCall()).text('x').emit({ type: 'usage', usage }).finish();
      await client.finished(accepted.generationId);
    }
    expect(await rows('usage').findOne({ scope: 'user', key: user.id })).toMatchObject({ requests: 2, inputTokens: 20, outputTokens: 14 });
    const refused = await client.request({ type: 'message.send', clientMessageId: 'third', conversationId: null, text: 'three' });
    expect(refused).toMatchObject({ type: 'error', code: 'RATE_LIMITED', params: { scope: 'user-day' } });
    expect(await rows('messages').countDocuments({ ownerId: user.id })).toBe(4);
  });

  it('finds conversations by words of titles and messages, with Arabic and Persian letters alike, of their owner only', async () => {
    const { client, token } = await app.signup();
    const stranger = await app.signup();
    const first = await talk(client, 'A recipe for saffron rice', 'Rinse the rice well.');
    const second = await talk(client, 'كتاب خوب', 'این کتاب‌های فارسی را بخوان');
    await talk(stranger.client, 'saffron of somebody else', 'no');
    const found = async (q: string) => {
      const response = await app.request(`/api/conversations?q=${encodeURIComponent(q)}`, { token });
      return ((await response.json()) as { items: { id: string }[] }).items.map((item) => item.id);
    };
    expect(await found('saffron')).toEqual([first.conversation.id]);
    expect(await found('rinse ri')).toEqual([first.conversation.id]);
    expect(await found('کتاب')).toEqual([second.conversation.id]);
    expect(await found('فارسي')).toEqual([second.conversation.id]);
    expect(await found('nothing')).toEqual([]);
  });

  it('lists conversations by their last change, page by page', async () => {
    const { client, token } = await app.signup();
    const ids: string[] = [];
    for (const text of ['one', 'two', 'three']) ids.push((await talk(client, text, 'ok')).conversation.id);
    await talk(client, 'one again', 'ok', ids[0] ?? '');
    const list = async (path: string) =>
      (await (await app.request(path, { token })).json()) as { items: { id: string }[]; nextCursor: string };
    const page = await list('/api/conversations?limit=2');
    expect(page.items.map(({ id }) => id)).toEqual([ids[0], ids[2]]);
    const rest = await list(`/api/conversations?limit=2&cursor=${encodeURIComponent(page.nextCursor)}`);
    expect(rest).toMatchObject({ items: [{ id: ids[1] }], nextCursor: null });
  });

  it('sweeps events that are old and conversations that were deleted long ago, and nothing else', async () => {
    const { client, token } = await app.signup();
    const kept = await talk(client, 'keep', 'kept');
    const gone = await talk(client, 'drop', 'dropped');
    expect((await app.request(`/api/conversations/${gone.conversation.id}`, { method: 'DELETE', token })).status).toBeLessThan(300);
    await rows('conversations').updateOne({ _id: gone.conversation.id }, { $set: { deletedAt: Date.now() - 31 * 24 * 3600_000 } });
    await rows('generationEvents').updateMany({ generationId: gone.generationId }, { $set: { expiresAt: Date.now() - 1 } });
    clock.runRare();
    await expect.poll(() => rows('conversations').findOne({ _id: gone.conversation.id })).toBeNull();
    await expect.poll(() => rows('generationEvents').countDocuments({ generationId: gone.generationId })).toBe(0);
    expect(await rows('messages').countDocuments({ conversationId: gone.conversation.id })).toBe(0);
    expect(await rows('generations').countDocuments({ conversationId: gone.conversation.id })).toBe(0);
    expect(await rows('messages').countDocuments({ conversationId: kept.conversation.id })).toBe(2);
    expect(await rows('generationEvents').countDocuments({ generationId: kept.generationId })).toBeGreaterThan(0);
  });
});
