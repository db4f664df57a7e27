import { beforeEach, describe, expect, it } from 'vitest';
import { silentLogger } from '../../../src/lib/logger.ts';
import type { AskSpec, ServerFrame, StoredFile } from '../../../src/protocol/index.ts';
import { conversationsCollection } from '../../../src/services/conversations/conversation-record.ts';
import { messagesCollection } from '../../../src/services/conversations/message-record.ts';
import { LiveGenerations } from '../../../src/services/generations/live-generation.ts';
import { type AskRecord, asksCollection } from '../../../src/services/surface/ask-record.ts';
import { Asks } from '../../../src/services/surface/asks.ts';
import { MessageParts } from '../../../src/services/surface/message-parts.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { createMemoryDocuments } from '../../support/memory-documents.ts';

const place = { ownerId: 'ada', plugin: 'tea', conversationId: 'talk', messageId: 'message', locale: 'fa' };
const text: AskSpec = { kind: 'text', prompt: 'Your name?', maxLength: 10 };
const paper: StoredFile = { id: 'paper', url: '/api/files/paper', mime: 'text/csv', size: 10, name: 'a.csv' };

let clock: ReturnType<typeof createFakeClock>;
let documents: ReturnType<typeof createMemoryDocuments>;
let frames: ServerFrame[];
let owed: AskRecord[];
let asks: Asks;

beforeEach(async () => {
  clock = createFakeClock();
  documents = createMemoryDocuments([asksCollection, messagesCollection, conversationsCollection], () => clock.now());
  frames = [];
  owed = [];
  const messaging = { publishEvent: ({ frame }: { frame: ServerFrame }) => void frames.push(frame) };
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- of messaging only the publishing is used
  const parts = { documents, live: new LiveGenerations(), messaging: messaging as never, clock, logger: silentLogger };
  asks = new Asks({
    documents,
    files: {
      storeGenerated: () => Promise.reject(new Error('not used')),
      storePlain: () => Promise.reject(new Error('not used')),
      find: (ownerId, ids) => Promise.resolve(new Map(ids.includes(paper.id) && ownerId === 'ada' ? [[paper.id, paper]] : [])),
      open: () => Promise.reject(new Error('not used')),
      refer: () => Promise.resolve(),
    },
    messages: new MessageParts(parts),
    users: { sendToUser: (_userId, frame) => void frames.push(frame) },
    clock,
    owed: (ask) => void owed.push(ask),
  });
});

async function put(spec: AskSpec = text, expiresInSeconds?: number): Promise<string> {
  const part = await asks.put(place, { name: 'name', spec, state: { 'a.b': 1 }, expiresInSeconds });
  const message = { id: 'message', conversationId: 'talk', ownerId: 'ada', parentId: null, role: 'assistant', status: 'complete' };
  await documents.put(messagesCollection.name, { ...message, parts: [part], createdAt: 1, words: [] } as never);
  return part.askId;
}

const stored = (id: string) => documents.get<AskRecord>(asksCollection.name, id);

describe('a question', () => {
  it('takes one answer of two that come at once; the answer is stored and owed before anybody is told', async () => {
    const askId = await put();
    const replies = await Promise.all(['Ada', 'Ben'].map((value) => asks.reply('ada', { askId, value })));
    expect(replies.map(({ status }) => status)).toEqual(['answered', 'answered']);
    expect(owed).toHaveLength(1);
    expect(await stored(askId)).toMatchObject({ status: 'answered', value: owed[0]?.value, owed: true, state: '{"a.b":1}' });
    const updates = frames.filter((frame) => frame.type === 'message.updated');
    expect(updates).toHaveLength(1);
    expect(updates[0]?.message.parts).toMatchObject([{ status: 'answered', answer: JSON.parse(owed[0]?.value ?? '') as string }]);
    expect(frames.filter(({ type }) => type === 'ask.ended')).toHaveLength(1);
  });

  it('is nobody else’s, and stays open when an answer does not fit', async () => {
    const askId = await put();
    await expect(asks.reply('ben', { askId, value: 'Ben' })).rejects.toMatchObject({ code: 'NOT_FOUND' });
    for (const value of ['', 7, { $ne: '' }, null]) {
      await expect(asks.reply('ada', { askId, value })).rejects.toMatchObject({ code: 'BAD_REQUEST' });
    }
    await expect(asks.reply('ada', { askId, value: 'a name that is too long' })).rejects.toMatchObject({ code: 'TOO_LARGE' });
    expect(await stored(askId)).toMatchObject({ status: 'open' });
    expect(owed).toEqual([]);
  });

  it('for files takes only those of the person that the question accepts', async () => {
    const spec: AskSpec = { kind: 'file', prompt: 'Papers?', accept: ['.csv'], maxFiles: 1 };
    const askId = await put(spec);
    await expect(asks.reply('ada', { askId, value: ['somebody-elses'] })).rejects.toMatchObject({ code: 'BAD_REQUEST' });
    await expect(asks.reply('ada', { askId, value: ['paper', 'paper'] })).rejects.toMatchObject({ code: 'BAD_REQUEST' });
    await asks.reply('ada', { askId, value: ['paper'] });
    expect(owed[0]).toMatchObject({ fileIds: ['paper'] });
    const other = await put({ ...spec, accept: ['application/pdf'] });
    await expect(asks.reply('ada', { askId: other, value: ['paper'] })).rejects.toMatchObject({ code: 'UNSUPPORTED_MEDIA' });
  });

  it('that nobody answers expires, and its plugin hears of it', async () => {
    const askId = await put(text, 60);
    clock.advance(61_000);
    expect(await asks.reply('ada', { askId, value: 'Ada' })).toMatchObject({ status: 'expired' });
    const later = await put(text, 60);
    clock.advance(61_000);
    await asks.expire();
    expect(owed.map(({ id, status }) => [id, status])).toEqual([
      [askId, 'expired'],
      [later, 'expired'],
    ]);
  });

  it('of a plugin that is gone ends as cancelled, and the plugin is not told', async () => {
    const askId = await put();
    await asks.cancelOf((plugin) => plugin === 'tea');
    expect(await stored(askId)).toMatchObject({ status: 'cancelled' });
    expect(owed).toEqual([]);
  });

  it('goes with its conversation', async () => {
    const askId = await put();
    await asks.release('ada', 'talk');
    expect(await stored(askId)).toBeNull();
  });

  it('whose end was stored and not shown, since the process ended between, is shown when somebody answers it again', async () => {
    const askId = await put();
    await documents.update(asksCollection.name, askId, { set: { status: 'answered', value: '"Ada"', shown: '"Ada"' } });
    expect(await asks.reply('ada', { askId, value: 'Ben' })).toMatchObject({ status: 'answered' });
    expect(frames.find((frame) => frame.type === 'message.updated')?.message.parts).toMatchObject([{ status: 'answered', answer: 'Ada' }]);
    expect(owed).toEqual([]);
  });

  it('waits for the person only where a message shows it', async () => {
    await documents.put(conversationsCollection.name, { id: 'talk', ownerId: 'ada', title: '', state: 'live', settings: {} } as never);
    const { askId: unseen } = await asks.put(
      { ...place, messageId: 'never-written' },
      { name: 'name', spec: text, state: null, expiresInSeconds: 9 },
    );
    const seen = await put();
    expect((await asks.open('ada')).map(({ askId }) => askId)).toEqual([seen]);
    expect(unseen).not.toBe(seen);
  });

  it('is refused when it is longer than a page likes, and all together are told within bounds', async () => {
    await documents.put(conversationsCollection.name, { id: 'talk', ownerId: 'ada', title: '', state: 'live', settings: {} } as never);
    await expect(put({ kind: 'text', prompt: 'a'.repeat(70_000) })).rejects.toMatchObject({ code: 'PLUGIN_FAILED' });
    const parts = [];
    for (let count = 0; count < 10; count += 1) {
      parts.push(
        await asks.put(place, { name: 'name', spec: { kind: 'text', prompt: 'a'.repeat(60_000) }, state: null, expiresInSeconds: 9 }),
      );
    }
    const message = { id: 'message', conversationId: 'talk', ownerId: 'ada', parentId: null, role: 'assistant', status: 'complete' };
    await documents.put(messagesCollection.name, { ...message, parts, createdAt: 1, words: [] } as never);
    expect(await asks.open('ada')).toHaveLength(4);
  });
});
