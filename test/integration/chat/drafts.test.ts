import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Conversation } from '../../../src/protocol/index.ts';
import { startTestApp, type TestApp } from '../../support/test-app.ts';

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app.close());

async function emptyConversation(token: string): Promise<string> {
  const response = await app.request('/api/conversations', { method: 'POST', token, body: '{}' });
  return ((await response.json()) as { conversation: Conversation }).conversation.id;
}

const draftsOf = async (token: string) => {
  const { frames } = await app.connect(token);
  const welcome = frames.find((frame) => frame.type === 'welcome');
  return welcome?.type === 'welcome' ? (welcome.drafts ?? []).map(({ conversationId, text }) => [conversationId, text]) : null;
};

describe('a draft', () => {
  it('is answered, reaches the other sockets of the person and nobody else, and comes with the next welcome', async () => {
    const { client, token } = await app.signup();
    const stranger = await app.signup();
    const other = await app.connect(token);
    const conversationId = await emptyConversation(token);
    const pushed = other.waitFor('draft.updated', ({ draft }) => draft.text === 'half a thought');
    const answer = await client.request({ type: 'draft.update', conversationId, text: 'half a thought' });
    expect(answer).toMatchObject({ type: 'draft.updated', draft: { conversationId, text: 'half a thought' } });
    expect(await pushed).not.toHaveProperty('replyTo');
    expect(client.frames.filter((frame) => frame.type === 'draft.updated')).toHaveLength(1);
    expect(await draftsOf(token)).toEqual([[conversationId, 'half a thought']]);
    await client.request({ type: 'draft.update', conversationId, text: '' });
    expect(await draftsOf(token)).toEqual([]);
    expect(stranger.client.frames.some((frame) => frame.type === 'draft.updated')).toBe(false);
  });

  it('is refused where it may hold a password, is too long or stands in a conversation of somebody else', async () => {
    const { client, token } = await app.signup();
    const stranger = await app.signup();
    const foreign = await emptyConversation(stranger.token);
    const put = (conversationId: string | null, text: string) => client.request({ type: 'draft.update', conversationId, text });
    expect(await put(null, '/login ada@example.org CANARY')).toMatchObject({ type: 'error', code: 'BAD_REQUEST' });
    expect(await put(null, 'x'.repeat(48 * 1024 + 1))).toMatchObject({ type: 'error', code: 'TOO_LARGE' });
    expect(await put(foreign, 'mine')).toMatchObject({ type: 'error', code: 'NOT_FOUND' });
    expect(await draftsOf(token)).toEqual([]);
  });
});
