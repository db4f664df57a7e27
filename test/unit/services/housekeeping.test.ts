import { expect, it } from 'vitest';
import { silentLogger } from '../../../src/lib/logger.ts';
import { conversationsCollection } from '../../../src/services/conversations/conversation-record.ts';
import { messagesCollection } from '../../../src/services/conversations/message-record.ts';
import { generationEventsCollection, generationsCollection } from '../../../src/services/generations/generation-record.ts';
import { Housekeeping } from '../../../src/services/housekeeping.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { createMemoryDocuments } from '../../support/memory-documents.ts';

function build() {
  const clock = createFakeClock();
  const swept: string[] = [];
  const count = (what: string) => async () => swept.push(what);
  const housekeeping = new Housekeeping({
    documents: createMemoryDocuments([generationEventsCollection, generationsCollection, messagesCollection, conversationsCollection]),
    clock,
    logger: silentLogger,
    sweepSessions: count('sessions'),
    sweepUploads: count('uploads'),
    sweepCache: count('cache'),
    sweepJobs: count('jobs'),
    releaseJobs: async () => {},
    releaseUploads: async () => {},
  });
  housekeeping.start();
  return { clock, swept, housekeeping };
}

it('sweeps a minute after the start, for a server that sleeps before an hour is over, and then every hour', () => {
  const { clock, swept, housekeeping } = build();
  clock.advance(59_999);
  expect(swept).toEqual([]);
  clock.advance(1);
  expect(swept).toEqual(['sessions', 'jobs', 'uploads', 'cache']);
  clock.advance(59 * 60_000);
  expect(swept).toEqual(['sessions', 'jobs', 'uploads', 'cache', 'sessions', 'jobs', 'uploads', 'cache']);
  housekeeping.stop();
});

it('does nothing more once it is stopped', () => {
  const { clock, swept, housekeeping } = build();
  housekeeping.stop();
  clock.advance(2 * 3600_000);
  expect(swept).toEqual([]);
});
