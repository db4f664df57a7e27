import { expect, it } from 'vitest';
import { AppError } from '../../../src/lib/app-error.ts';
import { conversationsCollection } from '../../../src/services/conversations/conversation-record.ts';
import { Conversations } from '../../../src/services/conversations/conversations.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { createMemoryDocuments } from '../../support/memory-documents.ts';

it('pins a hundred conversations, however many are asked for at once', async () => {
  const conversations = new Conversations({
    documents: createMemoryDocuments([conversationsCollection]),
    clock: createFakeClock(),
    messaging: { publishEvent: () => {} } as never,
    generations: { stopIn: async () => false },
    jobs: { cancelIn: async () => {} },
    removal: { remove: async () => true },
    live: {} as never,
  });
  const all = await Promise.all(Array.from({ length: 103 }, () => conversations.create('anna', {})));
  const pinned = await Promise.allSettled(all.map(({ id }) => conversations.patch('anna', id, { pinned: true })));
  const refused = pinned.flatMap((each) => (each.status === 'rejected' ? [AppError.from(each.reason)] : []));
  expect(refused.map(({ code, params }) => [code, params])).toEqual(Array(3).fill(['BAD_REQUEST', { reason: 'too_many', limit: 100 }]));
  expect((await conversations.list('anna', { view: 'pinned', limit: 200 })).items).toHaveLength(100);
  // What is pinned already may be pinned again, and one that is taken off makes room.
  const [first] = all;
  await conversations.patch('anna', first?.id ?? '', { pinned: true });
  await conversations.patch('anna', first?.id ?? '', { archived: true });
  await conversations.patch('anna', all[102]?.id ?? '', { pinned: true });
});
