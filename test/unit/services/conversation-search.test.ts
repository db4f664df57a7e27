import { beforeEach, expect, it } from 'vitest';
import { normaliseWords } from '../../../src/lib/normalise-words.ts';
import { type ConversationState, conversationsCollection } from '../../../src/services/conversations/conversation-record.ts';
import { searchConversations } from '../../../src/services/conversations/conversation-search.ts';
import { messagesCollection } from '../../../src/services/conversations/message-record.ts';
import { newConversation } from '../../../src/services/conversations/new-conversation.ts';
import { createMemoryDocuments } from '../../support/memory-documents.ts';

let documents = createMemoryDocuments([]);
let now = 1;

beforeEach(() => {
  documents = createMemoryDocuments([messagesCollection, conversationsCollection]);
});

async function begin(title: string, state: ConversationState = 'live'): Promise<string> {
  now += 1;
  const record = { ...newConversation({ ownerId: 'anna', title, titledBy: 'person', now }), state };
  await documents.insert('conversations', record);
  return record.id;
}

async function say(id: string, conversationId: string, text = 'saffron rice'): Promise<void> {
  const place = { id, conversationId, ownerId: 'anna', parts: [{ type: 'text', text }] };
  await documents.insert('messages', { ...place, words: normaliseWords(text) } as { id: string });
}

const search = (q: string, query: { limit?: number; cursor?: string } = {}) =>
  searchConversations(documents, 'anna', normaliseWords(q), { limit: 30, ...query });

it('finds an older conversation behind a long one that is full of the word', async () => {
  const older = await begin('');
  await say('m000', older);
  const long = await begin('');
  for (let at = 1; at <= 100; at += 1) await say(`m${String(at).padStart(3, '0')}`, long);
  const { items } = await search('saffron');
  expect(items.map(({ id, messageId }) => [id, messageId])).toEqual([
    [long, 'm100'],
    [older, 'm000'],
  ]);
});

it('says where the words stand in the title and in the newest message that holds them', async () => {
  const id = await begin('Saffron for two');
  await say('m1', id, 'the first saffron');
  await say('m2', id, 'no more saffron, please');
  const [found] = (await search('saf')).items;
  expect(found).toMatchObject({
    id,
    titleHighlights: [[0, 3]],
    messageId: 'm2',
    snippet: 'no more saffron, please',
    highlights: [[8, 11]],
  });
});

it('finds pinned and archived ones, but neither the trash nor temporary nor unfinished ones, however many of them hold the words', async () => {
  const archived = await begin('saffron', 'archived');
  await say('m0', archived);
  for (const state of ['deleted', 'temporary', 'hidden'] as const) {
    const id = await begin('saffron', state);
    for (let at = 1; at < 30; at += 1) await say(`m${state}${at}`, id);
  }
  expect((await search('saffron')).items).toEqual([expect.objectContaining({ id: archived, archived: true, messageId: 'm0' })]);
});

it('goes on through titles and messages, each to its end', async () => {
  const titled: string[] = [];
  for (let at = 0; at < 5; at += 1) titled.push(await begin('saffron'));
  const said: string[] = [];
  for (let at = 0; at < 7; at += 1) said.push(await begin(''));
  for (const [at, id] of said.entries()) await say(`m${at}`, id);
  const seen = new Set<string>();
  let cursor: string | null = null;
  do {
    const page: Awaited<ReturnType<typeof search>> = await search('saffron', { limit: 2, ...(cursor === null ? {} : { cursor }) });
    for (const { id } of page.items) seen.add(id);
    cursor = page.nextCursor;
  } while (cursor !== null);
  expect([...seen].sort()).toEqual([...titled, ...said].sort());
});

it.each(['', '.', '-', 'a.b.c', 'no cursor', '-.', 'bm9wZQ.-'])('refuses the cursor %j', async (cursor) => {
  await expect(search('saffron', { cursor })).rejects.toThrow();
});
