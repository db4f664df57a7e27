import { beforeEach, describe, expect, it } from 'vitest';
import type { DocumentStore } from '../../../src/lib/document-store.ts';
import type { Part } from '../../../src/protocol/index.ts';
import { type MessageRecord, messagesCollection } from '../../../src/services/conversations/message-record.ts';
import { History } from '../../../src/services/generations/history.ts';
import { createMemoryDocuments } from '../../support/memory-documents.ts';

let documents: DocumentStore;
let count: number;
const uploads = {
  get: () => Promise.reject(new Error('not used')),
  readForModel: (_owner: string, id: string) => Promise.resolve({ mime: 'image/webp', data: new TextEncoder().encode(id) }),
  storeGenerated: () => Promise.reject(new Error('not used')),
  refer: () => Promise.resolve(),
};
const history = (limits: { maxMessages?: number; maxBytes?: number } = {}) =>
  new History({ documents, uploads, maxMessages: 0, maxBytes: 0, ...limits });

const image = (fileId: string): Part => ({ type: 'image', fileId, url: `/api/files/${fileId}`, mime: 'image/png' });

async function say(role: 'user' | 'assistant', parts: string | Part[], more: Partial<MessageRecord> = {}): Promise<string> {
  count += 1;
  const record: MessageRecord = {
    id: `m${String(count).padStart(5, '0')}`,
    conversationId: 'c',
    ownerId: 'ada',
    parentId: count === 1 ? null : `m${String(count - 1).padStart(5, '0')}`,
    role,
    status: 'complete',
    parts: typeof parts === 'string' ? [{ type: 'text', text: parts }] : parts,
    createdAt: count,
    words: [],
    ...more,
  };
  await documents.insert(messagesCollection.name, record);
  return record.id;
}

async function told(leaf: string, from: History = history()) {
  return from.turns('ada', await from.branch('ada', 'c', leaf));
}

beforeEach(() => {
  documents = createMemoryDocuments([messagesCollection]);
  count = 0;
});

describe('what a model is told of a conversation', () => {
  it('is the branch to one message, not its siblings', async () => {
    const question = await say('user', 'question');
    const first = await say('assistant', 'first answer');
    await say('assistant', 'second answer', { parentId: question });
    await say('user', 'aside');
    const leaf = await say('user', 'and then?', { parentId: first });
    expect((await told(leaf)).map((turn) => [turn.role, turn.text])).toEqual([
      ['user', 'question'],
      ['assistant', 'first answer'],
      ['user', 'and then?'],
    ]);
  });

  it('shows what jobs made in the next turn of the person, also before anything else was said', async () => {
    const made = { ...image('big'), provenance: { kind: 'upscale' } };
    await say('assistant', [{ type: 'job', jobId: 'j1' }, made]);
    await say('assistant', [{ type: 'job', jobId: 'j2' }]);
    await say('assistant', [
      { type: 'job', jobId: 'j3' },
      { type: 'text', text: 'EXIT' },
    ]);
    await say('user', [image('mine'), { type: 'text', text: 'what is it?' }]);
    await say('assistant', 'a cat');
    const leaf = await say('user', 'sure?');
    const turns = await told(leaf);
    expect(turns.map(({ role, text, images }) => [role, text, images.length])).toEqual([
      ['user', '[Result of upscale: 1 picture]\n\n[Result]\nEXIT\n\nwhat is it?', 2],
      ['assistant', 'a cat', 0],
      ['user', 'sure?', 0],
    ]);
    const loaded = await Promise.all((turns[0]?.images ?? []).map(({ load }) => load()));
    expect(loaded.map((bytes) => new TextDecoder().decode(bytes))).toEqual(['big', 'mine']);
  });

  it('leaves out answers that say nothing, and thoughts', async () => {
    await say('user', 'a');
    await say('assistant', [], { status: 'failed' });
    await say('user', 'b');
    await say('assistant', [
      { type: 'thought', text: 'secret thinking' },
      { type: 'text', text: 'c' },
    ]);
    const leaf = await say('user', 'd');
    expect((await told(leaf)).map((turn) => turn.text)).toEqual(['a', 'b', 'c', 'd']);
  });

  it('keeps the newest within the limits and begins with a person', async () => {
    for (let n = 0; n < 20; n += 1) await say(n % 2 === 0 ? 'user' : 'assistant', `text ${n} ${'س'.repeat(50)}`);
    const leaf = await say('user', 'last');
    const few = await told(leaf, history({ maxMessages: 4 }));
    expect(few.map((turn) => turn.role)).toEqual(['user', 'assistant', 'user']);
    const small = await told(leaf, history({ maxBytes: 350 }));
    expect(small.map((turn) => turn.text.slice(0, 7))).toEqual(['text 18', 'text 19', 'last']);
    const tiny = await told(leaf, history({ maxBytes: 1 }));
    expect(tiny.map((turn) => turn.text)).toEqual(['last']);
  });

  it('finds the ancestors of an old branch beyond the newest messages', async () => {
    const root = await say('user', 'root');
    const answer = await say('assistant', 'old answer');
    for (let n = 0; n < 60; n += 1) await say('user', `noise ${n}`, { parentId: root });
    const leaf = await say('user', 'back to it', { parentId: answer });
    const turns = await told(leaf, history({ maxMessages: 5 }));
    expect(turns.map((turn) => turn.text)).toEqual(['root', 'old answer', 'back to it']);
  });

  it('stops at a message of somebody else or of another conversation', async () => {
    await say('user', 'not mine', { ownerId: 'mallory' });
    expect((await told(await say('user', 'mine'))).map((turn) => turn.text)).toEqual(['mine']);
    await say('user', 'elsewhere', { conversationId: 'other' });
    expect((await told(await say('user', 'here'))).map((turn) => turn.text)).toEqual(['here']);
  });

  it('brings the newest eight pictures', async () => {
    for (let n = 0; n < 6; n += 1) await say('user', [image(`a${n}`), image(`b${n}`), { type: 'text', text: `t${n}` }]);
    const turns = await told(`m${String(count).padStart(5, '0')}`);
    expect(turns.map((turn) => turn.images.length)).toEqual([0, 0, 2, 2, 2, 2]);
    const loaded = await turns.at(-1)?.images[0]?.load();
    expect(new TextDecoder().decode(loaded)).toBe('a5');
  });

  it('hands back the provider’s own parts as they were stored', async () => {
    await say('user', 'q');
    await say('assistant', 'a', { raw: JSON.stringify([{ text: 'a', thoughtSignature: 's' }]), rawProvider: 'gemini', rawModel: 'm' });
    const turns = await told(await say('user', 'r'));
    expect(turns[1]).toMatchObject({ raw: [{ text: 'a', thoughtSignature: 's' }], rawProvider: 'gemini', rawModel: 'm' });
    expect(turns[0]).not.toHaveProperty('raw');
  });
});
