import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Conversation } from '../../../src/protocol/index.ts';
import { ScriptedModel } from '../../support/scripted-model.ts';
import { startTestApp, type TestApp } from '../../support/test-app.ts';
import { textOf } from '../../support/ws-client.ts';

let app: TestApp;
let model: ScriptedModel;
beforeAll(async () => {
  model = new ScriptedModel();
  app = await startTestApp({ models: [model] });
});
afterAll(() => app.close());

async function emptyConversation(token: string): Promise<Conversation> {
  const response = await app.request('/api/conversations', { method: 'POST', token, body: '{}' });
  return ((await response.json()) as { conversation: Conversation }).conversation;
}

describe('a message sent again while its answer is being written', () => {
  it('is taken up where it is, on another socket and on the same one, without a gap', async () => {
    const { client, token } = await app.signup();
    const frame = { type: 'message.send', clientMessageId: 'twice', conversationId: null, text: 'once' };
    const accepted = await client.request(frame);
    if (accepted.type !== 'message.accepted') throw new Error(JSON.stringify(accepted));
    const { generationId } = accepted;
    const call = await model.nextCall();
    call.text('a', 'b', 'c');
    await client.waitFor('generation.delta', (delta) => delta.generationId === generationId && delta.seq >= 3);
    const other = await app.connect(token);
    expect(await other.request(frame)).toMatchObject({ type: 'message.accepted', duplicate: true, generationId });
    expect(await client.request(frame)).toMatchObject({ type: 'message.accepted', duplicate: true, generationId });
    call.text('d', 'e').finish();
    for (const reader of [client, other]) {
      await reader.finished(generationId);
      expect(reader.answers.get(generationId)?.text).toBe('abcde');
      expect(reader.faults).toEqual([]);
    }
    const late = await app.connect(token);
    const known = await late.request(frame);
    expect(known.type === 'message.accepted' && textOf(known.answer)).toBe('abcde');
  });

  it('is refused as another message when anything of it changed', async () => {
    const { client } = await app.signup();
    const frame = { type: 'message.send', clientMessageId: 'changing', conversationId: null, text: 'once' };
    const accepted = await client.request(frame);
    for (const change of [{ text: 'twice' }, { level: 'deep' }, { model: 'scripted' }, { parentId: null }, { conversationId: 'x' }])
      expect(await client.request({ ...frame, ...change })).toMatchObject({ type: 'error', code: 'ID_REUSED' });
    const kinds = ['message.edit', 'message.regenerate', 'message.continue'];
    if (accepted.type !== 'message.accepted') throw new Error('not accepted');
    for (const type of kinds)
      expect(
        await client.request({
          type,
          clientMessageId: 'changing',
          messageId: accepted.message.id,
          ...(type === 'message.edit' ? { text: 'x' } : {}),
        }),
      ).toMatchObject({ code: 'ID_REUSED' });
    (await model.nextCall()).finish();
    await client.finished(accepted.generationId);
  });
});

describe('a conversation that began without a title', () => {
  it('gets one from its first exchange', async () => {
    const { client, token } = await app.signup();
    const { id } = await emptyConversation(token);
    const accepted = await client.ask('How is saffron rice made?', { conversationId: id });
    (await model.nextCall()).text('With patience.').finish();
    await client.finished(accepted.generationId);
    const updated = await client.waitFor('conversation.updated', (frame) => frame.conversation.title !== '');
    expect(updated.conversation.title).toBe('How is saffron rice made?');
  });

  it('keeps the name that a person gave it while the answer was being written', async () => {
    const { client, token } = await app.signup();
    const { id } = await emptyConversation(token);
    const accepted = await client.ask('How is saffron rice made?', { conversationId: id });
    const call = await model.nextCall();
    await app.request(`/api/conversations/${id}`, { method: 'PATCH', token, body: JSON.stringify({ title: 'Dinner' }) });
    call.text('With patience.').finish();
    await client.finished(accepted.generationId);
    const read = await app.request(`/api/conversations/${id}`, { token });
    expect(await read.json()).toMatchObject({ conversation: { title: 'Dinner' } });
  });

  it('that is deleted while its answer is being written stops it and stays deleted', async () => {
    const { client, token } = await app.signup();
    const tab = await app.connect(token);
    const accepted = await client.ask('delete me');
    const { id } = accepted.conversation;
    const call = await model.nextCall();
    call.text('words');
    await client.waitFor('generation.delta', (frame) => frame.generationId === accepted.generationId);
    expect((await app.request(`/api/conversations/${id}`, { method: 'DELETE', token })).status).toBeLessThan(300);
    expect(call.signal.aborted).toBe(true);
    expect((await client.finished(accepted.generationId)).status).toBe('stopped');
    await tab.waitFor('conversation.deleted', (frame) => frame.conversationId === id);
    expect((await app.request(`/api/conversations/${id}`, { token })).status).toBe(404);
    const again = await client.request({ type: 'message.send', clientMessageId: 'late', conversationId: id, text: 'hello?' });
    expect(again).toMatchObject({ type: 'error', code: 'NOT_FOUND' });
    expect(client.faults).toEqual([]);
  });
});

describe('an answer without end', () => {
  it('is ended where it could no longer be stored, with its text, and the conversation goes on', async () => {
    const { client, token } = await app.signup();
    const accepted = await client.ask('everything');
    const { id } = accepted.conversation;
    const call = await model.nextCall();
    for (let n = 0; n < 40; n += 1) call.text('x'.repeat(64 * 1024));
    const finished = await client.finished(accepted.generationId);
    expect(finished).toMatchObject({ status: 'interrupted', error: { code: 'TOO_LARGE' } });
    expect(call.signal.aborted).toBe(true);
    const listed = await app.request(`/api/conversations/${id}/messages`, { token });
    const { items } = (await listed.json()) as { items: Parameters<typeof textOf>[0][] };
    const [answer] = items;
    expect(answer?.status).toBe('interrupted');
    expect(answer && textOf(answer).length).toBe(31 * 64 * 1024);
    const next = await client.ask('and now?', { conversationId: id });
    (await model.nextCall()).text('on').finish();
    expect((await client.finished(next.generationId)).status).toBe('complete');
    expect(client.faults).toEqual([]);
  });
});
