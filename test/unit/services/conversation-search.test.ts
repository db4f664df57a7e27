import { expect, it } from 'vitest';
import { conversationsCollection } from '../../../src/services/conversations/conversation-record.ts';
import { Conversations } from '../../../src/services/conversations/conversations.ts';
import { messagesCollection } from '../../../src/services/conversations/message-record.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { createMemoryDocuments } from '../../support/memory-documents.ts';

it('finds an older conversation behind a long one that is full of the word', async () => {
  const documents = createMemoryDocuments([messagesCollection, conversationsCollection]);
  const conversations = new Conversations({
    documents,
    clock: createFakeClock(),
    messaging: { publishEvent: () => {} } as never,
    generations: { stopIn: async () => false },
    jobs: { cancelIn: async () => {} },
    live: {} as never,
  });
  const say = (id: string, conversationId: string) =>
    documents.insert('messages', {
      id,
      conversationId,
      ownerId: 'anna',
      parts: [{ type: 'text', text: 'saffron rice' }],
      words: ['saffron', 'rice'],
    } as { id: string });
  const older = await conversations.create('anna', {});
  await say('m000', older.id);
  const long = await conversations.create('anna', {});
  for (let at = 1; at <= 100; at += 1) await say(`m${String(at).padStart(3, '0')}`, long.id);

  const { items } = await conversations.list('anna', { q: 'saffron', limit: 30 });
  expect(items.map(({ id }) => id).sort()).toEqual([older.id, long.id].sort());
});
