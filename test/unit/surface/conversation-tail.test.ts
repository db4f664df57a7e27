import { setImmediate } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { conversationsCollection } from '../../../src/services/conversations/conversation-record.ts';
import { messagesCollection } from '../../../src/services/conversations/message-record.ts';
import { LiveGenerations } from '../../../src/services/generations/live-generation.ts';
import { ConversationTail } from '../../../src/services/surface/conversation-tail.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { createMemoryDocuments } from '../../support/memory-documents.ts';

it('a message behind an answer that another process writes keeps no ending server waiting', async () => {
  const clock = createFakeClock();
  const documents = createMemoryDocuments([messagesCollection, conversationsCollection], () => clock.now());
  const running = { id: 'c', ownerId: 'ada', title: '', state: 'live', settings: {}, headId: 'a', runningId: 'elsewhere' };
  await documents.put(conversationsCollection.name, running as never);
  const tail = new ConversationTail({ documents, live: new LiveGenerations(), messaging: {} as never, clock });
  const written = tail.write({ id: 'm', ownerId: 'ada', conversationId: 'c', parts: [], author: undefined });
  const refused = expect(written).rejects.toMatchObject({ code: 'DRAINING' });
  for (let turn = 0; turn < 20; turn += 1) await setImmediate();
  tail.stop();
  clock.advance(1000);
  await refused;
});
