import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Conversation } from '../../src/protocol/index.ts';
import { createTestDatabase, mongoTestUri, type TestDatabase } from '../support/mongo-server.ts';
import { startTestApp, type TestApp } from '../support/test-app.ts';

describe.runIf(mongoTestUri !== '')('what plugins show, on MongoDB', () => {
  let database: TestDatabase;
  let app: TestApp;

  const start = () =>
    startTestApp({
      pluginsFolder: 'test/fixtures/plugin-sets/showcase',
      env: { MONGO_URI: database.uri, JWT_SECRET_KEY: 'k'.repeat(16) + database.uri.slice(-20), INFERENCE_KEEP_ALIVE_MS: '60000' },
    });

  beforeAll(async () => {
    database = await createTestDatabase('surface');
    app = await start();
  });
  afterAll(async () => {
    await app.close();
    await database.drop();
  });

  it('keeps a question over a restart, takes one answer, tells the plugin once, and shows it all as on the embedded store', async () => {
    const { client: before, token } = await app.signup();
    const response = await app.request('/api/conversations', { method: 'POST', token, body: '{"profile":"showcase.concierge"}' });
    const { conversation } = (await response.json()) as { conversation: Conversation };
    await before.request({ type: 'conversation.open', conversationId: conversation.id });
    const { askId, messageId } = await before.waitFor('ask');
    await app.close();
    app = await start();
    const client = await app.connect(token);
    expect((await client.waitFor('welcome')).asks).toMatchObject([{ askId, messageId }]);
    await client.request({ type: 'conversation.open', conversationId: conversation.id });
    const replies = await Promise.all(['Ada', 'Ben'].map((value) => client.request({ type: 'ask.reply', askId, value })));
    expect(replies).toMatchObject([{ status: 'answered' }, { status: 'answered' }]);
    await client.waitFor('message.created', ({ message }) => JSON.stringify(message).includes('Pleased to meet you'));
    const rows = database.db.collection<{ _id: string; status: string; owed?: true; written?: string[] }>('asks');
    const delivered = async () => (await rows.findOne({ _id: askId }))?.owed === undefined;
    await expect.poll(delivered).toBe(true);
    expect(await rows.findOne({ _id: askId })).toMatchObject({ status: 'answered', written: [expect.any(String)] });
    const accepted = await client.ask('steps elements custom actions', { conversationId: conversation.id });
    const ended = await client.waitFor('generation.finished', ({ generationId }) => generationId === accepted.generationId);
    const items = await app.request(`/api/conversations/${conversation.id}/messages`, { token });
    const stored = ((await items.json()) as { items: { id: string; parts: unknown }[] }).items.find(({ id }) => id === ended.messageId);
    expect(stored?.parts).toEqual(ended.message.parts);
    expect(ended.message.parts.some((part) => part.type === 'element' && part.kind === 'custom')).toBe(true);
  });
});
