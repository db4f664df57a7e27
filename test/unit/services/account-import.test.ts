import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { AppError } from '../../../src/lib/app-error.ts';
import type { DocumentStore } from '../../../src/lib/document-store.ts';
import { newId } from '../../../src/lib/new-id.ts';
import { conversationsCollection } from '../../../src/services/conversations/conversation-record.ts';
import { messagesCollection } from '../../../src/services/conversations/message-record.ts';
import { libraryCollections } from '../../../src/services/library/library-collections.ts';
import { AccountImport, type AccountImportOptions, type ImportedLine } from '../../../src/services/portability/account-import.ts';
import { derivedFileId, derivedId, ulidPattern } from '../../../src/services/portability/derived-id.ts';
import { ImportConversations } from '../../../src/services/portability/import-conversations.ts';
import { ImportFiles } from '../../../src/services/portability/import-files.ts';
import { ImportLibrary } from '../../../src/services/portability/import-library.ts';
import { uploadCollections } from '../../../src/services/uploads/upload-rows.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { createMemoryDocuments } from '../../support/memory-documents.ts';

describe('an id that is derived', () => {
  it('keeps the order of ids, within a millisecond too', () => {
    const ids = Array.from({ length: 500 }, () => newId());
    const derived = ids.map((id) => derivedId('ada', id));
    expect([...derived].sort()).toEqual(derived);
    expect(derived.every((id) => ulidPattern.test(id))).toBe(true);
  });

  it('is always the same for one person and place, and another one for another', () => {
    const id = newId();
    const places = ['ada', 'bob', 'ada\nconversation'];
    expect(new Set([id, ...places.map((place) => derivedId(place, id))]).size).toBe(4);
    expect(derivedId('ada', id)).toBe(derivedId('ada', id));
    expect(derivedFileId('ada', 'f')).not.toBe(derivedFileId('bob', 'f'));
    expect(derivedFileId('ada', 'f')).toMatch(/^[\w-]{22}$/);
  });
});

describe('a piece of an import', () => {
  const createdAt = '2024-06-01T00:00:00.000Z';
  const conversation = (id: string) => ({
    type: 'conversation',
    id,
    title: id,
    titledBy: 'person',
    settings: {},
    createdAt,
    updatedAt: createdAt,
  });

  let released: string[] = [];

  function setUp(slowMs: number, beforeBatch: (documents: ReturnType<typeof createMemoryDocuments>) => Promise<void> = async () => {}) {
    const clock = createFakeClock(Date.now());
    const documents = createMemoryDocuments([conversationsCollection, messagesCollection, ...libraryCollections, ...uploadCollections]);
    const slow = {
      ...documents,
      batch: async (operations: Parameters<typeof documents.batch>[0]) => {
        clock.advance(slowMs);
        await beforeBatch(documents);
        return documents.batch(operations);
      },
    };
    const files = new ImportFiles({
      documents,
      uploads: { accept: () => Promise.reject(new Error('no')), storePlain: () => Promise.reject(new Error('no')) },
      temporaryDirectory: '/nowhere',
      maxBytes: 1,
    });
    const uploads = { refer: async () => {}, release: async (_ownerId: string, id: string) => void released.push(id) };
    const library = new ImportLibrary(slow, clock);
    const findFile = async () => null;
    const conversations = new ImportConversations({ documents: slow, uploads, findFile, library, clock, textBytes: 0 });
    const settings: AccountImportOptions['settings'] = { get: async () => ({}), update: async () => ({}) };
    return new AccountImport({ documents: slow, files, conversations, library, settings, drafts: { update: async () => ({}) }, clock });
  }

  async function* linesOf(values: readonly unknown[]): AsyncGenerator<ImportedLine> {
    for (const [at, value] of values.entries()) yield { line: at + 1, value };
  }

  it('that takes too long ends with the time to wait, and the same piece again goes on behind what is stored', async () => {
    const importing = setUp(4000);
    const values = Array.from({ length: 6 }, () => conversation(newId()));
    const take = () => importing.take('ada', linesOf(values), new AbortController().signal);
    const refused = await take().catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(AppError);
    expect(refused).toMatchObject({ code: 'RATE_LIMITED', retryAfter: 1, params: { line: 4 } });
    expect(await take()).toEqual({
      imported: { conversations: 2, messages: 0, files: 0, settings: 0, folders: 0, prompts: 0 },
      skipped: 4,
    });
  });

  it('ends when whoever sends it goes away', async () => {
    const importing = setUp(0);
    const gone = new AbortController();
    const cutOff = new AppError('BAD_REQUEST', { message: 'cut off' });
    async function* leaving(): AsyncGenerator<ImportedLine> {
      yield { line: 1, value: conversation(newId()) };
      gone.abort(cutOff);
      yield { line: 2, value: conversation(newId()) };
    }
    await expect(importing.take('ada', leaving(), gone.signal)).rejects.toMatchObject({ message: 'cut off', params: { line: 2 } });
  });

  it('of long texts lets others have their turn', async () => {
    const importing = setUp(0);
    const conversationId = newId();
    const parts = [{ type: 'text', text: 'سلام دنیا '.repeat(10_000) }];
    const message = () => ({
      type: 'message',
      id: newId(),
      conversationId,
      parentId: null,
      role: 'assistant',
      status: 'complete',
      parts,
      createdAt,
    });
    const values = [conversation(conversationId), ...Array.from({ length: 30 }, message)];
    let turns = 0;
    let counting = true;
    const turn = () => {
      turns += 1;
      if (counting) setImmediate(turn);
    };
    setImmediate(turn);
    const { imported } = await importing.take('ada', linesOf(values), new AbortController().signal);
    counting = false;
    expect(imported.messages).toBe(30);
    expect(turns).toBeGreaterThan(10);
  });

  it('says so when its conversation is deleted meanwhile', async () => {
    const id = newId();
    const importing = setUp(0, async (documents) => {
      await documents.update(conversationsCollection.name, derivedId('ada', id), { set: { state: 'deleted', deletedAt: 1 } });
    });
    const parts = [{ type: 'text', text: 'سلام' }];
    const message = {
      type: 'message',
      id: newId(),
      conversationId: id,
      parentId: null,
      role: 'user',
      status: 'complete',
      parts,
      createdAt,
    };
    const take = importing.take('ada', linesOf([conversation(id), message]), new AbortController().signal);
    await expect(take).rejects.toMatchObject({ code: 'NOT_FOUND', params: { line: 2 } });
    expect(released).toEqual([]);
  });

  it('keeps no files for a conversation that is removed for good meanwhile', async () => {
    const id = newId();
    released = [];
    const importing = setUp(0, async (documents) => void (await documents.delete(conversationsCollection.name, derivedId('ada', id))));
    const parts = [{ type: 'text', text: 'سلام' }];
    const place = { conversationId: id, parentId: null, role: 'user', status: 'complete', parts, createdAt };
    const lines = linesOf([conversation(id), { type: 'message', id: newId(), ...place }]);
    await expect(importing.take('ada', lines, new AbortController().signal)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    expect(released).toEqual([derivedId('ada', id)]);
  });

  it('brings a deleted conversation back under the name that it has by now, for the search too', async () => {
    const line = { ...conversation(newId()), title: 'old name' };
    let stored: DocumentStore | null = null;
    const importing = setUp(0, async (documents) => void (stored = documents));
    const take = () => importing.take('ada', linesOf([line]), new AbortController().signal);
    await take();
    const id = derivedId('ada', line.id);
    const documents: DocumentStore | null = stored;
    if (documents === null) throw new Error('nothing was written');
    const { update, get } = documents as DocumentStore;
    await update(conversationsCollection.name, id, { set: { state: 'deleted', deletedAt: 1, words: [], title: 'new name' } });
    await take();
    expect(await get(conversationsCollection.name, id)).toMatchObject({ state: 'live', title: 'new name', words: ['new', 'name'] });
  });
});

it('the rest of a file whose beginning has been swept is told to begin anew', async () => {
  const temporaryDirectory = mkdtempSync(join(tmpdir(), 'import-'));
  try {
    const documents = createMemoryDocuments([...uploadCollections]);
    const files = new ImportFiles({
      documents,
      uploads: { accept: () => Promise.reject(new Error('no')), storePlain: () => Promise.reject(new Error('no')) },
      temporaryDirectory,
      maxBytes: 10,
    });
    const line = { type: 'file' as const, id: 'f', mime: 'image/png', size: 6, createdAt: '2024-06-01T00:00:00.000Z' };
    const data = (offset: number) => ({ type: 'file.data' as const, id: 'f', offset, data: Buffer.from('abc').toString('base64') });
    const { signal } = new AbortController();
    await files.begin('ada', line);
    await files.add('ada', data(0), signal);
    for (const name of readdirSync(temporaryDirectory)) rmSync(join(temporaryDirectory, name));
    await expect(files.add('ada', data(3), signal)).rejects.toMatchObject({ code: 'BAD_REQUEST', params: { reason: 'order' } });
  } finally {
    rmSync(temporaryDirectory, { recursive: true });
  }
});

it('takes what plugins showed as large as they may show it, and pictures as large as people may send them', async () => {
  const temporaryDirectory = mkdtempSync(join(tmpdir(), 'import-'));
  try {
    const documents = createMemoryDocuments([...uploadCollections]);
    const never = () => Promise.reject(new Error('no'));
    const files = new ImportFiles({ documents, uploads: { accept: never, storePlain: never }, temporaryDirectory, maxBytes: 10 });
    const line = { type: 'file' as const, id: 'f', mime: 'application/zip', createdAt: '2024-06-01T00:00:00.000Z' };
    const most = 32 * 1024 * 1024;
    expect(await files.begin('ada', { ...line, size: most, plain: true })).toBe(true);
    await expect(files.begin('ada', { ...line, size: most + 1, plain: true })).rejects.toMatchObject({ code: 'TOO_LARGE' });
    await expect(files.begin('ada', { ...line, size: 11 })).rejects.toMatchObject({ code: 'TOO_LARGE' });
  } finally {
    rmSync(temporaryDirectory, { recursive: true });
  }
});
