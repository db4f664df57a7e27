import { beforeEach, describe, expect, it } from 'vitest';
import type { DocumentStore } from '../../../src/lib/document-store.ts';
import { type ConversationRecord, conversationsCollection } from '../../../src/services/conversations/conversation-record.ts';
import { Conversations } from '../../../src/services/conversations/conversations.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { createMemoryDocuments } from '../../support/memory-documents.ts';

let documents: DocumentStore;
let conversations: Conversations;
/** What another tab does in the moment between reading and writing, once. */
let meanwhile: (id: string) => Promise<unknown>;
let stopped: string[];

beforeEach(() => {
  documents = createMemoryDocuments([conversationsCollection]);
  meanwhile = async () => {};
  stopped = [];
  const update: DocumentStore['update'] = async (collection, id, change) => {
    const first = meanwhile;
    meanwhile = async () => {};
    await first(id);
    return documents.update(collection, id, change);
  };
  const stateOf = async (id: string) => (await documents.get<ConversationRecord>('conversations', id))?.state;
  conversations = new Conversations({
    documents: { ...documents, update },
    clock: createFakeClock(),
    messaging: { publishEvent: () => {} } as never,
    generations: { stopIn: async (_userId, id) => stopped.push(`${await stateOf(id)}`) > 0 },
    jobs: { cancelIn: async () => {} },
    removal: { remove: async () => true },
    live: {} as never,
  });
});

const become = (state: string) => (id: string) => documents.update('conversations', id, { set: { state } });

describe('a conversation that comes back from the archive, or goes there, in the moment of a change', () => {
  it('is changed all the same', async () => {
    const { id } = await conversations.create('anna', { title: 'old' });
    meanwhile = become('archived');
    expect(await conversations.patch('anna', id, { title: 'new' })).toMatchObject({ title: 'new', archived: true });
    meanwhile = become('live');
    expect(await conversations.patch('anna', id, { pinned: true })).toMatchObject({ title: 'new', pinned: true });
  });

  it('is deleted all the same', async () => {
    const { id } = await conversations.create('anna', { title: 'old' });
    meanwhile = become('archived');
    await conversations.remove('anna', id);
    await expect(conversations.get('anna', id)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    expect(await documents.get('conversations', id)).toMatchObject({ state: 'deleted' });
  });
});

it('a change of one that another tab deletes in that moment is refused', async () => {
  const { id } = await conversations.create('anna', { title: 'old' });
  meanwhile = become('deleted');
  await expect(conversations.patch('anna', id, { title: 'new' })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  expect(await documents.get('conversations', id)).toMatchObject({ title: 'old' });
});

it('stops once more what was asked for while it went to the trash', async () => {
  const { id } = await conversations.create('anna', { title: 'old' });
  await conversations.remove('anna', id);
  expect(stopped).toEqual(['live', 'deleted']);
});
