import { expect, it } from 'vitest';
import type { DocumentStore } from '../../../src/lib/document-store.ts';
import { createConversationForks } from '../../../src/services/conversations/conversation-fork.ts';
import { conversationsCollection } from '../../../src/services/conversations/conversation-record.ts';
import { type MessageRecord, messagesCollection } from '../../../src/services/conversations/message-record.ts';
import { newConversation } from '../../../src/services/conversations/new-conversation.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { createMemoryDocuments } from '../../support/memory-documents.ts';

it('shows no fork of a conversation that was removed for good while it was copied', async () => {
  const documents = createMemoryDocuments([conversationsCollection, messagesCollection]);
  const original = newConversation({ ownerId: 'anna', title: 'x', titledBy: 'person', now: 1 });
  await documents.insert('conversations', original);
  const idOf = (at: number) => `m${String(at).padStart(3, '0')}`;
  for (let at = 0; at < 60; at += 1) {
    const place = { conversationId: original.id, ownerId: 'anna', parentId: at === 0 ? null : idOf(at - 1) };
    const message: MessageRecord = { id: idOf(at), ...place, role: 'user', status: 'complete', parts: [], createdAt: at, words: [] };
    await documents.insert('messages', message);
  }
  const published: unknown[] = [];
  let copied = 0;
  const batch: DocumentStore['batch'] = async (operations) => {
    await documents.batch(operations);
    copied += operations.length;
    if (copied < 30) for (let at = 40; at < 60; at += 1) await documents.delete('messages', idOf(at));
  };
  const fork = createConversationForks({
    documents: { ...documents, batch },
    uploads: { find: async () => new Map(), refer: async () => {} },
    messaging: { publishEvent: (event) => void published.push(event) },
    clock: createFakeClock(),
  });
  await expect(fork('anna', original.id, idOf(59))).rejects.toMatchObject({ code: 'NOT_FOUND' });
  expect(copied).toBeGreaterThan(0);
  expect(published).toEqual([]);
  const all = await documents.find('conversations', { index: 'byOwner', where: { ownerId: 'anna', state: 'live' }, limit: 10 });
  expect(all.items.map(({ id }) => id)).toEqual([original.id]);
});
