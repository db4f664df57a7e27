import { Readable } from 'node:stream';
import { expect, it } from 'vitest';
import type { User } from '../../../src/protocol/index.ts';
import {
  type ConversationRecord,
  type ConversationState,
  conversationsCollection,
} from '../../../src/services/conversations/conversation-record.ts';
import { messagesCollection } from '../../../src/services/conversations/message-record.ts';
import { newConversation } from '../../../src/services/conversations/new-conversation.ts';
import { draftsCollection } from '../../../src/services/drafts/draft-record.ts';
import { libraryCollections } from '../../../src/services/library/library-collections.ts';
import { AccountExport } from '../../../src/services/portability/account-export.ts';
import { type FileRow, uploadCollections } from '../../../src/services/uploads/upload-rows.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { createMemoryDocuments } from '../../support/memory-documents.ts';

const anna: User = { id: 'anna', name: 'Anna', email: 'anna@example.org', role: 'user' };

async function setUp() {
  const clock = createFakeClock(Date.now());
  const documents = createMemoryDocuments([
    ...[conversationsCollection, messagesCollection, draftsCollection],
    ...libraryCollections,
    ...uploadCollections,
  ]);
  async function converse(state: ConversationState): Promise<string> {
    const record = newConversation({ ownerId: 'anna', title: state, titledBy: 'person', now: clock.now() });
    const stored: ConversationRecord = { ...record, state };
    await documents.insert('conversations', stored);
    return record.id;
  }
  const uploads = { open: async () => ({ stream: Readable.from([Buffer.from('bytes')]) }) };
  const account = new AccountExport({ documents, uploads, settings: { get: async () => ({}) }, clock, version: '1.0.0' });
  async function lines(): Promise<Record<string, unknown>[]> {
    const all: Record<string, unknown>[] = [];
    for await (const line of account.lines(anna)) all.push(JSON.parse(line) as Record<string, unknown>);
    return all;
  }
  return { clock, documents, converse, lines };
}

it('takes along what was typed where it is exported, and nothing of temporary and deleted conversations', async () => {
  const { documents, converse, lines } = await setUp();
  const places = [null, await converse('live'), await converse('archived'), await converse('temporary'), await converse('deleted')];
  for (const [at, conversationId] of places.entries())
    await documents.insert('drafts', { id: `anna:${at}`, ownerId: 'anna', conversationId, text: `typed ${at}`, updatedAt: at } as {
      id: string;
    });
  expect((await lines()).flatMap((line) => (line['type'] === 'draft' ? [line['text']] : []))).toEqual(['typed 0', 'typed 1', 'typed 2']);
});

it('takes along files of any type that a conversation shows, and none that only a temporary or a deleted one shows', async () => {
  const { clock, documents, converse, lines } = await setUp();
  for (const state of ['live', 'temporary', 'deleted'] as const) {
    const original = { mime: 'application/zip', size: 5, width: 0, height: 0, sha256: '' };
    const createdAt = new Date(clock.now()).toISOString();
    const row: FileRow = { id: state, ownerId: 'anna', variants: { original }, plain: true, bytes: 5, unusedSince: null, createdAt };
    await documents.insert('files', row);
    const reference = { id: `${state}.c`, fileId: state, referrerId: await converse(state) };
    await documents.insert('fileReferences', reference);
  }
  const files = (await lines()).filter(({ type }) => type === 'file' || type === 'file.data');
  expect(files.map(({ type, id }) => [type, id])).toEqual([
    ['file', 'live'],
    ['file.data', 'live'],
  ]);
});
