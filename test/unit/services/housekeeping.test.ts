import { expect, it } from 'vitest';
import { silentLogger } from '../../../src/lib/logger.ts';
import { generationEventsCollection } from '../../../src/services/generations/generation-record.ts';
import { Housekeeping } from '../../../src/services/housekeeping.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { createMemoryDocuments } from '../../support/memory-documents.ts';

const hourly = ['sessions', 'jobs', 'uploads', 'shares', 'cache', 'conversations'];

function build() {
  const clock = createFakeClock();
  const swept: string[] = [];
  const count = (what: string) => async () => swept.push(what);
  const housekeeping = new Housekeeping({
    documents: createMemoryDocuments([generationEventsCollection]),
    clock,
    logger: silentLogger,
    sweepSessions: count('sessions'),
    sweepUploads: count('uploads'),
    sweepCache: count('cache'),
    sweepJobs: count('jobs'),
    sweepShares: count('shares'),
    sweepConversations: count('conversations'),
  });
  housekeeping.start();
  return { clock, swept, housekeeping };
}

it('sweeps a minute after the start, for a server that sleeps before an hour is over, and then every hour', () => {
  const { clock, swept, housekeeping } = build();
  clock.advance(59_999);
  expect(swept).toEqual([]);
  clock.advance(1);
  expect(swept).toEqual(hourly);
  clock.advance(59 * 60_000);
  expect(swept).toEqual([...hourly, ...hourly]);
  housekeeping.stop();
});

it('does nothing more once it is stopped', () => {
  const { clock, swept, housekeeping } = build();
  housekeeping.stop();
  clock.advance(2 * 3600_000);
  expect(swept).toEqual([]);
});
