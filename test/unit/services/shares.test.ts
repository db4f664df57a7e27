import { beforeEach, describe, expect, it } from 'vitest';
import { AppError } from '../../../src/lib/app-error.ts';
import type { DocumentStore } from '../../../src/lib/document-store.ts';
import { conversationsCollection } from '../../../src/services/conversations/conversation-record.ts';
import { type MessageRecord, messagesCollection } from '../../../src/services/conversations/message-record.ts';
import { createShareCopies } from '../../../src/services/shares/share-copies.ts';
import { shareCollections } from '../../../src/services/shares/share-record.ts';
import { Shares } from '../../../src/services/shares/shares.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { createMemoryDocuments } from '../../support/memory-documents.ts';

const ada = { id: 'ada', name: 'Ada' };
let documents: DocumentStore;
let clock: ReturnType<typeof createFakeClock>;
let released: string[];

beforeEach(async () => {
  clock = createFakeClock();
  released = [];
  documents = createMemoryDocuments([{ name: 'users', indexes: [] }, conversationsCollection, messagesCollection, ...shareCollections]);
  const user = { ...ada, disabled: false };
  await documents.insert('users', user);
  const conversation = {
    id: 'c',
    ownerId: 'ada',
    title: 'T',
    titledBy: 'person',
    headId: 'm59',
    settings: {},
    state: 'live',
    deletedAt: null,
  };
  const more = { ...conversation, runningId: null, words: [], createdAt: 0, updatedAt: 0 };
  await documents.insert('conversations', more);
  for (let at = 0; at < 60; at += 1) {
    const message: MessageRecord = {
      ...{
        id: `m${at}`,
        conversationId: 'c',
        ownerId: 'ada',
        parentId: at === 0 ? null : `m${at - 1}`,
        role: at % 2 === 0 ? 'user' : 'assistant',
      },
      ...{
        status: 'complete',
        parts: [{ type: 'text', text: `said ${at} ${'x'.repeat(at === 3 ? 300_000 : 10)}` }],
        createdAt: at,
        words: [],
      },
    };
    await documents.insert('messages', message);
  }
});

function build(change: Partial<DocumentStore> = {}, limits = { sharesPerUser: 2, sharedReadsPerMinutePerIp: 3 }) {
  const uploads = {
    find: async () => new Map(),
    refer: async () => {},
    release: async (_owner: string, id: string) => void released.push(id),
  };
  return new Shares({ documents: { ...documents, ...change }, uploads, clock, limits });
}

it('gives a long copy in pages, each message once and in its order', async () => {
  const shares = build();
  const { id } = await shares.create(ada, 'c', {});
  const seen: string[] = [];
  let pages = 0;
  for (let cursor: string | null = '0'; cursor !== null; pages += 1) {
    const view = await shares.view(id, Number(cursor));
    seen.push(...view.messages.map((message) => message.id));
    cursor = view.nextCursor;
  }
  expect(seen).toEqual(Array.from({ length: 60 }, (_, at) => `m${at + 1}`));
  expect(pages).toBeGreaterThan(2);
  await expect(shares.view(id, pages)).rejects.toMatchObject({ code: 'NOT_FOUND' });
});

it('shows nothing of a copy that could not be finished, and removes what is left of it later', async () => {
  let pages = 0;
  const shares = build({
    insert: async (collection, document) => {
      if (collection === 'sharedPages' && ++pages === 2) throw new Error('the disk is full');
      await documents.insert(collection, document);
    },
    deleteMany: () => Promise.reject(new Error('still full')),
  });
  await expect(shares.create(ada, 'c', {})).rejects.toThrow('the disk is full');
  expect((await build().list('ada', {})).items).toEqual([]);
  clock.advance(3_600_001);
  expect(await build().sweep()).toBe(1);
  expect(released).toHaveLength(1);
  expect(await build().sweep()).toBe(0);
});

it('ends all copies of a conversation that is gone for good, and says how many were live', async () => {
  const shares = build();
  const first = await shares.create(ada, 'c', {});
  const second = await shares.create(ada, 'c', {});
  await shares.revoke('ada', first.id);
  expect(await shares.revokeOf('somebody', 'c')).toBe(0);
  expect(await shares.revokeOf('ada', 'c')).toBe(1);
  await expect(shares.view(second.id, 0)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  await expect(documents.count('sharedPages', { index: 'byShare', where: { shareId: second.id }, limit: 10 })).resolves.toBe(0);
});

it('shows no copy of a conversation that went while it was made', async () => {
  for (const went of ['hidden', 'deleted', null]) {
    let read = 0;
    const shares = build({
      get: async (collection, id) => {
        // In the middle of the branch; whoever removes it for good has looked for copies when the copy is written.
        if (collection === 'messages' && ++read === 30) {
          if (went === null) await documents.delete('conversations', 'c');
          else await documents.update('conversations', 'c', { set: { state: went } });
        }
        return documents.get(collection, id);
      },
    });
    await expect(shares.create(ada, 'c', {})).rejects.toMatchObject({ code: 'NOT_FOUND' });
    expect((await shares.list('ada', {})).items).toEqual([]);
    await documents.update('conversations', 'c', { set: { state: 'live' } });
  }
  expect(released).toHaveLength(3);
});

describe('a conversation made of a copy', () => {
  const publishEvent = () => {};
  const stored = (name: string) => ({ id: name, mime: 'image/png', size: 1, url: `/api/files/${name}` });
  let files: string[] = [];
  let discarded: string[] = [];

  function copies(
    shares: Shares,
    change: Partial<DocumentStore> = {},
    copyFile = async (_from: string, id: string) => stored(`own-${id}`),
  ) {
    const uploads = {
      refer: async () => {},
      release: async (_owner: string, id: string) => void released.push(id),
      discard: async (_owner: string, ids: readonly string[]) => void discarded.push(...ids),
    };
    const record = async (id: string) => ({ ...(await shares.record(id)), files });
    const base = { shares: { record, page: shares.page.bind(shares) }, uploads, messaging: { publishEvent }, clock };
    return createShareCopies({ ...base, documents: { ...documents, ...change }, copyFile });
  }

  beforeEach(() => {
    files = ['a', 'b', 'c'];
    discarded = [];
  });

  it('is shown to nobody when it was removed before it was whole', async () => {
    const shares = build();
    const { id } = await shares.create(ada, 'c', {});
    const batch: DocumentStore['batch'] = async (operations) => {
      const { items } = await documents.find('conversations', { index: 'byDeletion', where: { state: 'hidden' }, limit: 10 });
      for (const hidden of items) await documents.delete('conversations', hidden.id);
      await documents.batch(operations);
    };
    const copying = copies(shares, { batch })({ id: 'bob' }, id, new AbortController().signal);
    await expect(copying).rejects.toMatchObject({ code: 'NOT_FOUND' });
    expect(discarded).toEqual(['own-a', 'own-b', 'own-c']);
  });

  it('gives back the files of one that did not come about', async () => {
    const shares = build();
    const { id } = await shares.create(ada, 'c', {});
    const full = async (_from: string, file: string) => {
      if (file === 'c') throw new AppError('TOO_LARGE');
      return stored(`own-${file}`);
    };
    const copying = copies(shares, {}, full)({ id: 'bob' }, id, new AbortController().signal);
    await expect(copying).rejects.toMatchObject({ code: 'TOO_LARGE' });
    expect(discarded).toEqual(['own-a', 'own-b']);
    await copies(shares)({ id: 'bob' }, id, new AbortController().signal);
    expect(discarded).toHaveLength(2);
  });
});

it('holds people and addresses to their limits, and counts tries of ids that never were', async () => {
  const shares = build();
  await shares.create(ada, 'c', {});
  await shares.create(ada, 'c', {});
  await expect(shares.create(ada, 'c', {})).rejects.toMatchObject({ code: 'TOO_LARGE', params: { limit: 2 } });
  for (let tried = 0; tried < 3; tried += 1) shares.admit('192.0.2.1');
  expect(() => shares.admit('192.0.2.1')).toThrow(expect.objectContaining({ code: 'RATE_LIMITED' }));
  expect(() => shares.admit('192.0.2.2')).not.toThrow();
  clock.advance(60_000);
  expect(() => shares.admit('192.0.2.1')).not.toThrow();
});
