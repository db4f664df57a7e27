import { beforeEach, describe, expect, it } from 'vitest';
import type { DocumentStore } from '../../../src/lib/document-store.ts';
import { chargeOf, UsageLedger } from '../../../src/services/costs/usage-ledger.ts';
import { usageCollection } from '../../../src/services/costs/usage-record.ts';
import { generationsCollection } from '../../../src/services/generations/generation-record.ts';
import { Quotas } from '../../../src/services/generations/quotas.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { createMemoryDocuments } from '../../support/memory-documents.ts';

const off = { messagesPerMinute: 0, modelRpm: 0, modelRpd: 0, userRpm: 0, userRpd: 0 };
const usage = { inputTokens: 10, outputTokens: 20, thoughtTokens: 5, totalTokens: 35 };

let clock: ReturnType<typeof createFakeClock>;
let documents: DocumentStore;
let answers = 0;

/** Counts one ended answer. */
async function count(ownerId: string, model: string): Promise<void> {
  answers += 1;
  const generation = { id: `g${answers}`, ownerId, model, leaseOwner: 'p1' };
  await documents.insert(generationsCollection.name, generation);
  await documents.batch(new UsageLedger(documents).operations(generation, chargeOf(usage, clock.now())));
}

const quotas = (limits: Partial<typeof off>) => new Quotas({ documents, clock, limits: { ...off, ...limits } });

beforeEach(() => {
  clock = createFakeClock(Date.UTC(2026, 6, 1, 12));
  documents = createMemoryDocuments([usageCollection, generationsCollection]);
});

describe('quotas', () => {
  it('are off until they are set', async () => {
    const none = quotas({});
    for (let n = 0; n < 1000; n += 1) {
      none.checkMessageRate('ada');
      await none.reserve('ada', 'model');
    }
  });

  it('count requests and tokens of a day for the person and for the model', async () => {
    const daily = quotas({ userRpd: 2, modelRpd: 3 });
    for (const user of ['ada', 'ada', 'bob']) {
      await daily.reserve(user, 'model');
      await count(user, 'model');
    }
    await expect(daily.reserve('ada', 'other')).rejects.toMatchObject({ code: 'RATE_LIMITED', params: { scope: 'user-day', limit: 2 } });
    await expect(daily.reserve('bob', 'model')).rejects.toMatchObject({ params: { scope: 'model-day', limit: 3 } });
    await daily.reserve('bob', 'other');
    const rows = await documents.find(usageCollection.name, { index: 'byScope', where: { scope: 'user', key: 'ada' }, limit: 10 });
    expect(rows.items).toMatchObject([{ requests: 2, inputTokens: 20, outputTokens: 50 }]);
  });

  it('of a day hold for answers that are written side by side', async () => {
    const daily = quotas({ userRpd: 2 });
    const asked = await Promise.allSettled([1, 2, 3, 4].map(() => daily.reserve('ada', 'model')));
    expect(asked.filter((one) => one.status === 'fulfilled')).toHaveLength(2);
    await expect(daily.reserve('bob', 'model')).resolves.toBeUndefined();
  });

  it('of a day begin anew at midnight Pacific time', async () => {
    const daily = quotas({ userRpd: 1 });
    await count('ada', 'model');
    const refused = await daily.reserve('ada', 'model').catch((error: unknown) => error);
    expect(refused).toMatchObject({ retryAfter: 19 * 3600 });
    clock.advance(19 * 3600_000 - 1000);
    await expect(daily.reserve('ada', 'model')).rejects.toMatchObject({ retryAfter: 1 });
    clock.advance(1000);
    await daily.reserve('ada', 'model');
  });

  it('that the service named end at the time it gave, or with its day', async () => {
    const learned = quotas({});
    learned.learn('fast', { window: 'minute', retryAfter: 12.5 });
    learned.learn('vague', { window: 'minute' });
    learned.learn('daily', { window: 'day', retryAfter: 17 });
    await expect(learned.reserve('ada', 'fast')).rejects.toMatchObject({ code: 'RATE_LIMITED', retryAfter: 13 });
    await expect(learned.reserve('ada', 'vague')).rejects.toMatchObject({ retryAfter: 30 });
    await expect(learned.reserve('ada', 'daily')).rejects.toMatchObject({ retryAfter: 19 * 3600 });
    await learned.reserve('ada', 'another');
    clock.advance(12_500);
    await learned.reserve('ada', 'fast');
    clock.advance(19 * 3600_000);
    await learned.reserve('ada', 'daily');
  });
});
