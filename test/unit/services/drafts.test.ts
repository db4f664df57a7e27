import { describe, expect, it } from 'vitest';
import { parseCommandText } from '../../../src/commands/command-parser.ts';
import { draftLimits } from '../../../src/protocol/index.ts';
import { conversationsCollection } from '../../../src/services/conversations/conversation-record.ts';
import { draftsCollection } from '../../../src/services/drafts/draft-record.ts';
import { Drafts } from '../../../src/services/drafts/drafts.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { createMemoryDocuments } from '../../support/memory-documents.ts';

async function setup(textBytes = 0) {
  const clock = createFakeClock();
  const documents = createMemoryDocuments([draftsCollection, conversationsCollection]);
  const drafts = new Drafts({ documents, clock, textBytes, isCommand: (text) => parseCommandText(text) !== null });
  for (const [id, ownerId, state] of [
    ['c1', 'ada', 'live'],
    ['c2', 'eve', 'live'],
    ['c3', 'ada', 'deleted'],
  ] as const)
    await documents.insert(conversationsCollection.name, { id, ownerId, state } as { id: string });
  const texts = async (userId: string) => (await drafts.list(userId)).map(({ conversationId, text }) => [conversationId, text]);
  return { clock, documents, drafts, texts };
}

describe('the drafts of a person', () => {
  it('keep one text for each conversation and one for a new one, newest first; the last write wins', async () => {
    const { drafts, texts, clock } = await setup();
    await drafts.update('ada', 'c1', 'first');
    clock.advance(1);
    await drafts.update('ada', null, 'new');
    clock.advance(1);
    await drafts.update('ada', 'c1', 'second');
    expect(await texts('ada')).toEqual([
      ['c1', 'second'],
      [null, 'new'],
    ]);
    expect(await texts('eve')).toEqual([]);
  });

  it('are removed by an empty text', async () => {
    const { drafts, texts } = await setup();
    await drafts.update('ada', 'c1', 'half a thought');
    expect(await drafts.update('ada', 'c1', '')).toMatchObject({ conversationId: 'c1', text: '' });
    expect(await texts('ada')).toEqual([]);
  });

  it.each(['c2', 'c3', 'no-such'])('are refused for %s, which is not a conversation of this person', async (id) => {
    const { drafts } = await setup();
    await expect(drafts.update('ada', id, 'x')).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it.each(['/login ada@example.org secret', ' /login x', '／login x', '\u200f/login x', '/'])('never hold a command: %j', async (text) => {
    const { drafts, texts } = await setup();
    await expect(drafts.update('ada', null, text)).rejects.toMatchObject({ code: 'BAD_REQUEST' });
    expect(await texts('ada')).toEqual([]);
  });

  it('hold an escaped slash, which is a text', async () => {
    const { drafts, texts } = await setup();
    await drafts.update('ada', null, '//not a command');
    expect(await texts('ada')).toEqual([[null, '//not a command']]);
  });

  it('are as long as a message at most, counted in bytes', async () => {
    const { drafts } = await setup(4);
    await drafts.update('ada', null, 'éé');
    await expect(drafts.update('ada', null, 'éée')).rejects.toMatchObject({ code: 'TOO_LARGE' });
  });

  it('are fifty at most: the oldest goes', async () => {
    const { drafts, documents, clock, texts } = await setup();
    for (let n = 0; n <= draftLimits.count; n += 1) {
      await documents.insert(conversationsCollection.name, { id: `n${n}`, ownerId: 'ada', state: 'live' } as { id: string });
      clock.advance(1);
      await drafts.update('ada', `n${n}`, `text ${n}`);
    }
    const kept = await texts('ada');
    expect(kept).toHaveLength(draftLimits.count);
    expect(kept.at(-1)).toEqual(['n1', 'text 1']);
  });

  it('have another time with each write, also within a millisecond', async () => {
    const { drafts } = await setup();
    const [one, two] = await Promise.all([drafts.update('ada', null, 'a'), drafts.update('ada', null, 'ab')]);
    expect(two.updatedAt > one.updatedAt).toBe(true);
    expect((await drafts.list('ada')).map(({ text }) => text)).toEqual(['ab']);
  });

  it('fill one welcome only as far as it carries them', async () => {
    const { drafts, documents, clock } = await setup();
    for (let n = 0; n < 7; n += 1) {
      await documents.insert(conversationsCollection.name, { id: `n${n}`, ownerId: 'ada', state: 'live' } as { id: string });
      clock.advance(1);
      await drafts.update('ada', `n${n}`, 'x'.repeat(48 * 1024));
    }
    expect((await drafts.list('ada')).map(({ conversationId }) => conversationId)).toEqual(['n6', 'n5', 'n4', 'n3', 'n2']);
  });
});
