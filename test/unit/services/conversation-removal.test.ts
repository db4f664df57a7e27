import { beforeEach, describe, expect, it } from 'vitest';
import { silentLogger } from '../../../src/lib/logger.ts';
import {
  type ConversationRecord,
  type ConversationState,
  conversationsCollection,
} from '../../../src/services/conversations/conversation-record.ts';
import { ConversationRemoval } from '../../../src/services/conversations/conversation-removal.ts';
import { messagesCollection } from '../../../src/services/conversations/message-record.ts';
import { newConversation } from '../../../src/services/conversations/new-conversation.ts';
import { Trash } from '../../../src/services/conversations/trash.ts';
import { draftsCollection } from '../../../src/services/drafts/draft-record.ts';
import { generationsCollection } from '../../../src/services/generations/generation-record.ts';
import { favouritesCollection } from '../../../src/services/library/favourite-record.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { createMemoryDocuments } from '../../support/memory-documents.ts';

const hourMs = 3600_000;
const dayMs = 24 * hourMs;
const specs = [conversationsCollection, messagesCollection, generationsCollection, favouritesCollection, draftsCollection];

let clock = createFakeClock();
let documents = createMemoryDocuments([]);
let removal: ConversationRemoval;
let released: string[] = [];

beforeEach(() => {
  clock = createFakeClock();
  documents = createMemoryDocuments(specs);
  released = [];
  const note = (what: string) => async (_ownerId: string, id: string) => void released.push(`${what} ${id}`);
  removal = new ConversationRemoval({ documents, stop: note('stop'), releases: [note('files')], clock, logger: silentLogger });
  removal.alsoRelease(note('shares'));
});

async function add(state: ConversationState): Promise<ConversationRecord> {
  const now = clock.now();
  const fresh = newConversation({ ownerId: 'anna', title: 'x', titledBy: 'person', now, temporary: state === 'temporary' });
  const record: ConversationRecord = { ...fresh, state, deletedAt: state === 'live' ? null : now };
  await documents.insert('conversations', record);
  const place = { ownerId: 'anna', conversationId: record.id };
  for (const collection of ['messages', 'generations', 'favourites'])
    await documents.insert(collection, { id: `${collection}-${record.id}`, ...place } as { id: string });
  await documents.insert('drafts', { id: `anna:${record.id}`, ...place } as { id: string });
  return record;
}

const read = (id: string) => documents.get<ConversationRecord>('conversations', id);

async function remains({ id }: ConversationRecord): Promise<string[]> {
  const found: string[] = [];
  for (const collection of ['messages', 'generations', 'favourites'])
    if ((await documents.get(collection, `${collection}-${id}`)) !== null) found.push(collection);
  if ((await documents.get('drafts', `anna:${id}`)) !== null) found.push('draft');
  if ((await read(id)) !== null) found.push('conversation');
  return found;
}

describe('the sweeper', () => {
  it('removes what lay in the trash for thirty days, with all that belongs to it, and nothing else', async () => {
    const [deleted, live] = [await add('deleted'), await add('live')];
    clock.advance(30 * dayMs - 1);
    expect(await removal.sweep()).toBe(0);
    clock.advance(2);
    const late = await add('deleted');
    expect(await removal.sweep()).toBe(1);
    expect(await remains(deleted)).toEqual([]);
    expect(released).toEqual([`stop ${deleted.id}`, `files ${deleted.id}`, `shares ${deleted.id}`]);
    for (const kept of [live, late]) expect(await remains(kept)).toHaveLength(5);
  });

  it('removes a temporary conversation a day after its last change', async () => {
    const record = await add('temporary');
    clock.advance(20 * hourMs);
    await documents.update('conversations', record.id, { set: { updatedAt: clock.now() } });
    clock.advance(23 * hourMs);
    expect(await removal.sweep()).toBe(0);
    expect(await remains(record)).toHaveLength(5);
    clock.advance(2 * hourMs);
    expect(await removal.sweep()).toBe(1);
    expect(await remains(record)).toEqual([]);
  });

  it('removes what a crash left half copied or half removed, and gives work under way an hour', async () => {
    const record = await add('hidden');
    clock.advance(hourMs - 1);
    expect(await removal.sweep()).toBe(0);
    clock.advance(2);
    expect(await removal.sweep()).toBe(1);
    expect(await remains(record)).toEqual([]);
  });

  it('ends a removal that failed half-way with its next run', async () => {
    const record = await add('deleted');
    let fails = true;
    removal.alsoRelease(async () => {
      if (fails) throw new Error('the store went away');
    });
    await expect(removal.remove(record)).rejects.toThrow();
    expect(await read(record.id)).toMatchObject({ state: 'hidden' });
    fails = false;
    clock.advance(hourMs + 1);
    expect(await removal.sweep()).toBe(1);
    expect(await remains(record)).toEqual([]);
  });

  it('removes the others when one cannot be removed', async () => {
    const stuck: ConversationRecord[] = [];
    for (let at = 0; at < 60; at += 1) stuck.push(await add('deleted'));
    clock.advance(1);
    const last = await add('deleted');
    removal.alsoRelease(async (_owner, id) => {
      if (stuck.some((record) => record.id === id)) throw new Error('its copies cannot be read');
    });
    clock.advance(30 * dayMs + 1);
    expect(await removal.sweep()).toBe(1);
    expect(await remains(last)).toEqual([]);
  });
});

describe('emptying the trash', () => {
  it('takes everything out of sight before it removes the first, and goes on behind the answer when that takes long', async () => {
    const records: ConversationRecord[] = [];
    for (let at = 0; at < 8; at += 1) {
      clock.advance(1);
      records.push(await add('deleted'));
    }
    let gone: () => void = () => {};
    const all = new Promise<void>((resolve) => {
      gone = resolve;
    });
    let removed = 0;
    removal.alsoRelease(async () => {
      expect((await trash.list('anna', {})).items).toEqual([]);
      clock.advance(2000);
    });
    const counted = {
      hide: removal.hide.bind(removal),
      remove: removal.remove.bind(removal),
      async purge(record: ConversationRecord) {
        await removal.purge(record);
        removed += 1;
        if (removed === records.length) gone();
      },
    };
    const trash = new Trash({ documents, removal: counted, clock, logger: silentLogger });
    await trash.empty('anna');
    expect(removed).toBeLessThan(records.length);
    await all;
    for (const record of records) expect(await remains(record)).toEqual([]);
  });

  it('leaves what is deleted afterwards, and what somebody else deleted', async () => {
    const trash = new Trash({ documents, removal, clock, logger: silentLogger });
    await add('deleted');
    const theirs = {
      ...newConversation({ ownerId: 'bob', title: 'y', titledBy: 'person', now: 1 }),
      state: 'deleted' as const,
      deletedAt: 1,
    };
    await documents.insert('conversations', theirs);
    await trash.empty('anna');
    clock.advance(1);
    const later = await add('deleted');
    expect((await trash.list('anna', {})).items.map(({ id }) => id)).toEqual([later.id]);
    expect(await read(theirs.id)).not.toBeNull();
  });
});
