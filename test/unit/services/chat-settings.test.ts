import { expect, it } from 'vitest';
import { ChatSettings, settingsCollection } from '../../../src/services/conversations/chat-settings.ts';
import { conversationsCollection } from '../../../src/services/conversations/conversation-record.ts';
import { Conversations } from '../../../src/services/conversations/conversations.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { createMemoryDocuments } from '../../support/memory-documents.ts';

function build() {
  const documents = createMemoryDocuments([settingsCollection, conversationsCollection]);
  return { documents, settings: new ChatSettings(documents) };
}

it('keeps both of two changes that are made at once', async () => {
  const { settings } = build();
  await Promise.all([settings.update('anna', null, { level: 'deep' }), settings.update('anna', null, { temperature: 0.5 })]);
  expect(await settings.get('anna', null)).toEqual({ level: 'deep', temperature: 0.5 });
});

it('goes on after a change that failed', async () => {
  const { settings } = build();
  const failed = settings.update('anna', 'no-conversation', { level: 'deep' });
  const next = settings.update('anna', 'no-conversation', { level: 'deep' });
  await expect(failed).rejects.toMatchObject({ code: 'NOT_FOUND' });
  await expect(next).rejects.toMatchObject({ code: 'NOT_FOUND' });
});

it('survives a rename at the same moment', async () => {
  const { documents, settings } = build();
  const conversations = new Conversations({
    documents,
    clock: createFakeClock(),
    messaging: { publishEvent: () => {} } as never,
    generations: { stopIn: async () => false },
    jobs: { cancelIn: async () => {} },
    removal: { remove: async () => true },
    live: {} as never,
  });
  const { id } = await conversations.create('anna', {});
  await Promise.all([settings.update('anna', id, { level: 'deep' }), conversations.patch('anna', id, { title: 'Rice' })]);
  expect(await settings.get('anna', id)).toEqual({ level: 'deep' });
  expect(await conversations.get('anna', id)).toMatchObject({ title: 'Rice', level: 'deep' });
});
