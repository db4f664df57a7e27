import { expect, it } from 'vitest';
import { conversationsCollection } from '../../../src/services/conversations/conversation-record.ts';
import { Conversations } from '../../../src/services/conversations/conversations.ts';
import { messagesCollection } from '../../../src/services/conversations/message-record.ts';
import { History } from '../../../src/services/generations/history.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { createMemoryDocuments } from '../../support/memory-documents.ts';

async function conversationOf(count: number, characters: number) {
  const stored = createMemoryDocuments([messagesCollection, conversationsCollection]);
  let read = 0;
  const documents: typeof stored = {
    ...stored,
    find: async (collection, query) => {
      const page = await stored.find<never>(collection, query);
      read += page.items.length;
      return page;
    },
  };
  const conversations = new Conversations({
    documents,
    clock: createFakeClock(),
    messaging: { publishEvent: () => {} } as never,
    generations: { stopIn: async () => false },
    jobs: { cancelIn: async () => {} },
    removal: { remove: async () => true },
    live: { inConversation: () => undefined } as never,
  });
  const { id } = await conversations.create('anna', {});
  const ids = Array.from({ length: count }, (_, at) => `m${String(at).padStart(3, '0')}`);
  for (const [at, messageId] of ids.entries()) {
    const place = { conversationId: id, ownerId: 'anna', parentId: null, role: 'assistant', status: 'complete', createdAt: at };
    const parts = [{ type: 'text', text: 'x'.repeat(characters) }];
    await documents.insert('messages', { id: messageId, ...place, parts, words: [] } as { id: string });
  }
  return { conversations, documents, id, ids, read: () => read };
}

it('a page of long messages ends early, and its cursor leads to all others', async () => {
  const { conversations, id, ids } = await conversationOf(45, 200_000);
  const seen: string[] = [];
  let before: string | null = null;
  do {
    const page = await conversations.messages('anna', id, { limit: 200, ...(before === null ? {} : { before }) });
    expect(page.items.length).toBeLessThanOrEqual(6);
    seen.push(...page.items.map((message) => message.id));
    before = page.nextCursor;
  } while (before !== null);
  expect(seen).toEqual([...ids].reverse());
});

it('a page of short messages is as long as it was asked for', async () => {
  const { conversations, id } = await conversationOf(70, 5);
  expect((await conversations.messages('anna', id, {})).items).toHaveLength(50);
  const whole = await conversations.messages('anna', id, { limit: 70 });
  expect([whole.items.length, whole.nextCursor]).toEqual([70, null]);
});

it('what lies before an old message is not looked for among hundreds of long ones', async () => {
  const { documents, id, ids, read } = await conversationOf(200, 300_000);
  const history = new History({ documents, uploads: {} as never, maxMessages: 200, maxBytes: 1_048_576 });
  const branch = await history.branch('anna', id, ids[0] ?? null);
  expect(branch.map((message) => message.id)).toEqual([ids[0]]);
  expect(read()).toBeLessThanOrEqual(40);
});
