import { beforeEach, describe, expect, it } from 'vitest';
import type { DocumentStore } from '../../../src/lib/document-store.ts';
import { conversationsCollection } from '../../../src/services/conversations/conversation-record.ts';
import { type MessageRecord, messagesCollection } from '../../../src/services/conversations/message-record.ts';
import { newConversation } from '../../../src/services/conversations/new-conversation.ts';
import { Acceptance } from '../../../src/services/generations/acceptance.ts';
import { acceptedOperations } from '../../../src/services/generations/accepted-operations.ts';
import { type GenerationRecord, generationsCollection } from '../../../src/services/generations/generation-record.ts';
import { createMemoryDocuments } from '../../support/memory-documents.ts';

const conversation = newConversation({ ownerId: 'anna', title: 'x', titledBy: 'person', now: 1 });
const place = { conversationId: conversation.id, ownerId: 'anna', status: 'complete' as const, parts: [], createdAt: 1, words: [] };
const question: MessageRecord = { id: 'question', parentId: null, role: 'user', ...place };
const answer: MessageRecord = { id: 'answer', parentId: 'question', role: 'assistant', ...place };
const generation: GenerationRecord = {
  ...{ id: 'g', ownerId: 'anna', conversationId: conversation.id, userMessageId: 'question', messageId: 'answer' },
  ...{ dedupeKey: 'anna:1', bodyHash: '', runningKey: conversation.id, status: 'running' as const, model: 'm', level: 'normal' as const },
  ...{ epoch: 'e', leaseOwner: 'p', leaseUntil: 1, startedAt: 2 },
};
const user = { id: 'anna', name: 'Anna', email: '', role: 'user' as const };
const plan = {
  ...{ user, clientMessageId: '1', conversation, isNewConversation: false, question, isNewQuestion: true, answer },
  ...{ continued: false, model: undefined, level: undefined },
};

let documents: DocumentStore;

beforeEach(() => {
  documents = createMemoryDocuments([conversationsCollection, messagesCollection, generationsCollection]);
});

const kept = async () => {
  const places = [['generations', 'g'] as const, ['messages', 'question'] as const, ['messages', 'answer'] as const];
  return (await Promise.all(places.map(([name, id]) => documents.get(name, id)))).filter((found) => found !== null).length;
};

describe('what is sent while its conversation is removed for good', () => {
  const inOrder = (): DocumentStore => ({
    ...documents,
    batchIsAtomic: false,
    batch: async (operations) => {
      for (const operation of operations) await documents.batch([operation]);
    },
  });

  for (const [kind, store] of [['all or nothing', () => documents] as const, ['in order', inOrder] as const]) {
    it(`is refused and leaves nothing, in a store that writes ${kind}`, async () => {
      const operations = acceptedOperations(plan, generation);
      await expect(new Acceptance(store()).write({ generation, operations })).rejects.toMatchObject({ code: 'NOT_FOUND' });
      expect(await kept()).toBe(0);
      await documents.insert('conversations', conversation);
      expect(await new Acceptance(store()).write({ generation, operations })).toMatchObject({ id: 'g' });
      expect(await kept()).toBe(3);
    });
  }
});
