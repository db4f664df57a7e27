import { beforeEach, describe, expect, it } from 'vitest';
import type { ModelPrices } from '../../../src/core/index.ts';
import type { BatchOperation, DocumentStore } from '../../../src/lib/document-store.ts';
import { silentLogger } from '../../../src/lib/logger.ts';
import { StoreUnavailableError } from '../../../src/lib/store-errors.ts';
import { createGeminiModel } from '../../../src/models/gemini/gemini-model.ts';
import { geminiModelTable } from '../../../src/models/gemini/gemini-model-table.ts';
import type { ServerFrame, Usage } from '../../../src/protocol/index.ts';
import { accountCollections } from '../../../src/services/accounts/account-collections.ts';
import { type BudgetLimits, Budgets } from '../../../src/services/costs/budgets.ts';
import { priced, sumOfUsage } from '../../../src/services/costs/cost-of.ts';
import { chargeOf, UsageLedger } from '../../../src/services/costs/usage-ledger.ts';
import { type UsageRecord, usageCollection } from '../../../src/services/costs/usage-record.ts';
import { createUsageReports } from '../../../src/services/costs/usage-reports.ts';
import { type GenerationRecord, generationsCollection } from '../../../src/services/generations/generation-record.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { createMemoryDocuments } from '../../support/memory-documents.ts';

const million = 1_000_000;
const tokens = (inputTokens: number, outputTokens: number, rest: Partial<Usage> = {}): Usage => ({
  ...{ inputTokens, outputTokens, thoughtTokens: 0, totalTokens: inputTokens + outputTokens },
  ...rest,
});
const at = (day: string) => Date.parse(`${day}T12:00:00Z`);

describe('the price of an answer', () => {
  const prices: ModelPrices = {
    of: '2026-11-21',
    entries: [
      { from: '2026-10-01', input: 2, output: 10, cachedInput: 0.1, imageOutput: 30, long: { over: 200_000, input: 4, output: 18 } },
      { from: '2026-12-01', input: 4, output: 20 },
    ],
  };
  const cost = (usage: Usage, day: string) => priced(usage, prices, at(day)).costMicroUsd;

  it('is that of the day, thoughts like output', () => {
    expect(priced(tokens(1000, 100, { thoughtTokens: 50 }), prices, at('2026-11-30'))).toMatchObject({
      ...{ costMicroUsd: 3500, pricesOf: '2026-11-21' },
    });
    expect(priced(tokens(1000, 100), prices, Date.parse('2026-11-30T23:59:59.999Z')).costMicroUsd).toBe(3000);
    expect(priced(tokens(1000, 100), prices, Date.parse('2026-12-01T00:00:00Z')).costMicroUsd).toBe(6000);
    expect(cost(tokens(1000, 0), '2020-01-01')).toBe(2000);
  });

  it('knows what was cached, what pictures took, and long requests', () => {
    expect(cost(tokens(1000, 0, { cachedTokens: 900 }), '2026-11-01')).toBe(290);
    expect(cost(tokens(0, 1000, { imageTokens: 900 }), '2026-11-01')).toBe(28_000);
    expect(cost(tokens(200_001, 1), '2026-11-01')).toBe(200_001 * 4 + 18);
    expect(cost(tokens(200_000, 0), '2026-11-01')).toBe(400_000);
  });

  it('is none for a model without prices', () => {
    expect(priced(tokens(1, 1), undefined, 0)).toEqual(tokens(1, 1));
  });

  it('adds up over the runs of a continued answer', () => {
    const sum = sumOfUsage(
      tokens(1, 2, { costMicroUsd: 5, pricesOf: 'a' }),
      tokens(3, 4, { costMicroUsd: 7, pricesOf: 'b', estimated: true }),
    );
    expect(sum).toMatchObject({ inputTokens: 4, outputTokens: 6, costMicroUsd: 12, pricesOf: 'b', estimated: true });
  });

  it('follows the dates of the table of Gemini, and a model that nobody knows is not free', () => {
    const timeouts = { firstTokenMs: 1, thinkingFirstTokenMs: 1, gapMs: 1, totalMs: 1 };
    const gemini = createGeminiModel({ apiKey: 'k', models: geminiModelTable, logger: silentLogger, clock: createFakeClock(), timeouts });
    const of = (model: string, day: string) => priced(tokens(million, million), gemini.prices?.(model), at(day)).costMicroUsd;
    expect(of('gemini-4-argon', '2026-11-30')).toBe(12 * million);
    expect(of('gemini-4-argon', '2026-12-01')).toBe(24 * million);
    expect(of('gemini-3.8-flash', '2026-12-31')).toBe(4.5 * million);
    expect(of('gemini-3.8-flash', '2027-01-01')).toBe(9 * million);
    expect(of('gemini-99-new', '2026-12-01')).toBe(24 * million);
    expect(gemini.prices?.('demo')).toBeUndefined();
  });
});

let clock: ReturnType<typeof createFakeClock>;
let documents: DocumentStore;

beforeEach(() => {
  clock = createFakeClock(Date.UTC(2026, 10, 30, 23, 0));
  documents = createMemoryDocuments([usageCollection, generationsCollection, ...accountCollections], () => clock.now());
});

const generationOf = (id: string, leaseOwner = 'p1') => ({ id, ownerId: 'ada', model: 'm', leaseOwner }) as const;
const charge = () => chargeOf(tokens(10, 20, { thoughtTokens: 5, costMicroUsd: 300 }), clock.now());
const rows = async (key: string, scope: string) =>
  (await documents.find<UsageRecord>(usageCollection.name, { index: 'byScope', where: { scope, key }, limit: 10 })).items;
const counted = { requests: 1, inputTokens: 10, outputTokens: 25, costMicroUsd: 300 };

/** The batch that ends a generation, as the finisher writes it. */
function ending(ledger: UsageLedger, id: string): BatchOperation[] {
  const generation = generationOf(id);
  const change = { expect: { status: 'running' }, set: { status: 'complete', finishedAt: clock.now(), ...ledger.endFields(charge()) } };
  return [{ type: 'update', collection: generationsCollection.name, id, change }, ...ledger.operations(generation, charge())];
}

const begin = (id: string) => documents.insert(generationsCollection.name, { ...generationOf(id), status: 'running' } as GenerationRecord);

describe('the ledger', () => {
  it('counts an answer for its owner, its model and everybody, by day and month', async () => {
    const ledger = new UsageLedger(documents);
    await begin('g1');
    await documents.batch(ending(ledger, 'g1'));
    const scopes = [
      ['ada', 'user'],
      ['m', 'model'],
      ['ada', 'user-day'],
      ['ada', 'user-month'],
      ['all', 'all-day'],
      ['all', 'all-month'],
    ] as const;
    for (const [key, scope] of scopes) expect(await rows(key, scope), scope).toMatchObject([counted]);
    expect(await documents.get(generationsCollection.name, 'g1')).not.toHaveProperty('uncounted');
  });

  it('begins anew with the day and the month of UTC', async () => {
    const ledger = new UsageLedger(documents);
    await begin('g1');
    await documents.batch(ending(ledger, 'g1'));
    clock.advance(3_600_000);
    await begin('g2');
    await documents.batch(ending(ledger, 'g2'));
    expect(await rows('ada', 'user-month')).toMatchObject([
      { day: '2026-11', ...counted },
      { day: '2026-12', ...counted },
    ]);
    const budgets = new Budgets({ documents, clock, limits: noLimits, logger: silentLogger, tell: () => {} });
    const report = await createUsageReports({ documents, clock, budgets }).of('ada');
    expect(report).toMatchObject({ day: '2026-12-01', month: '2026-12', today: counted, thisMonth: counted });
    // Of the provider's calendar it is still the same day.
    expect(await rows('ada', 'user')).toMatchObject([{ day: '2026-11-30', requests: 2 }]);
  });

  /** As MongoDB does it: one operation after the other, and the connection may break between any two. */
  async function applyUntil(operations: readonly BatchOperation[], end: number): Promise<void> {
    for (const operation of operations.slice(0, end)) await documents.batch([operation]);
    if (end < operations.length) throw new StoreUnavailableError('broken');
  }

  const steps = 1 + 6 * 2 + 1;
  it.each(Array.from({ length: steps + 1 }, (_, step) => step))(
    'counts once where the batch breaks after %i operations, whoever goes on',
    async (step) => {
      for (const goesOn of ['the same process', 'another process', 'both'] as const) {
        const id = `g${goesOn.length}`;
        const ledger = new UsageLedger(documents);
        await begin(id);
        const before = (await rows('ada', 'user-month'))[0]?.requests ?? 0;
        await applyUntil(ending(ledger, id), step).catch(() => {});
        // Before its first operation nothing has ended: then the whole batch is written again.
        if (step === 0) await documents.batch(ending(ledger, id));
        const another = () => new UsageLedger(documents).settleLeft('p2', clock.now() + 1, () => false);
        if (goesOn !== 'the same process') await another();
        if (goesOn !== 'another process') await ledger.settle(id, 'p1');
        await another();
        for (const scope of ['user-day', 'user-month'])
          expect((await rows('ada', scope))[0]?.requests, `${goesOn} ${scope}`).toBe(before + 1);
        expect(await documents.get(generationsCollection.name, id)).not.toHaveProperty('uncounted');
      }
    },
  );

  it('lets no count of a model lower a sum or spoil it', () => {
    const none = { at: 0, inputTokens: 0, outputTokens: 0, costMicroUsd: 0 };
    expect(chargeOf(tokens(-5, Number.NaN, { thoughtTokens: -1, costMicroUsd: -7 }), 0)).toEqual(none);
    expect(chargeOf(tokens(Number.POSITIVE_INFINITY, 0), 0)).toEqual(none);
    const huge = chargeOf(tokens(1e308, 1e308, { thoughtTokens: 1e308, costMicroUsd: 1e308 }), 0);
    expect(Number.isSafeInteger(huge.inputTokens + huge.outputTokens + huge.costMicroUsd)).toBe(true);
  });

  it('leaves alone what a living process is counting', async () => {
    const ledger = new UsageLedger(documents);
    await begin('g1');
    await applyUntil(ending(ledger, 'g1'), 1).catch(() => {});
    await new UsageLedger(documents).settleLeft('p2', clock.now() - 45_000, () => false);
    await new UsageLedger(documents).settleLeft('p2', clock.now() + 1, () => true);
    expect(await documents.get(generationsCollection.name, 'g1')).toMatchObject({ uncounted: true, leaseOwner: 'p1' });
  });

  it('forgets the names of counted answers with the next one', async () => {
    const ledger = new UsageLedger(documents);
    for (const id of ['g1', 'g2', 'g3']) {
      await begin(id);
      const operations = ending(ledger, id);
      await documents.batch(operations);
      ledger.settled(generationOf(id), charge());
    }
    const [row] = await rows('ada', 'user-month');
    expect(Object.keys(row ?? {}).filter((name) => name.startsWith('counted'))).toEqual(['countedg3']);
    expect(row).toMatchObject({ requests: 3 });
  });
});

const noLimits: BudgetLimits = { userTokensPerDay: 0, userCentsPerDay: 0, userCentsPerMonth: 0, centsPerMonth: 0, warnPercent: 80 };

describe('budgets', () => {
  let told: ServerFrame[];
  const budgets = (limits: Partial<BudgetLimits>) =>
    new Budgets({ documents, clock, limits: { ...noLimits, ...limits }, logger: silentLogger, tell: (_user, frame) => told.push(frame) });
  let answers = 0;

  async function spend(ownerId: string, cents: number): Promise<void> {
    answers += 1;
    const generation = { ...generationOf(`s${answers}`), ownerId };
    await documents.insert(generationsCollection.name, { ...generation, status: 'running' } as GenerationRecord);
    const spent = chargeOf(tokens(100, 0, { costMicroUsd: cents * 10_000 }), clock.now());
    await documents.batch(new UsageLedger(documents).operations(generation, spent));
  }

  beforeEach(async () => {
    told = [];
    await documents.insert('users', { id: 'ada', email: 'a' } as { id: string });
  });

  it('are off until they are set', async () => {
    await spend('ada', 1e6);
    await budgets({}).check('ada');
    await budgets({}).warn('ada');
    expect(told).toEqual([]);
  });

  it.each([
    [{ userTokensPerDay: 100 }, { period: 'day', unit: 'tokens', limit: 100, spent: 100, scope: 'user' }],
    [{ userCentsPerDay: 7 }, { period: 'day', unit: 'cents', limit: 7, spent: 7, scope: 'user' }],
    [{ userCentsPerMonth: 5 }, { period: 'month', unit: 'cents', limit: 5, spent: 7, scope: 'user' }],
    [{ centsPerMonth: 7 }, { period: 'month', scope: 'server', reason: 'server' }],
  ])('hold when %j is reached, not before', async (limits, params) => {
    const held = budgets(limits);
    await held.check('ada');
    await spend('ada', 7);
    await expect(held.check('ada')).rejects.toMatchObject({ code: 'BUDGET_REACHED', params });
    const bob = held.check('bob');
    if (params.scope === 'server') await expect(bob).rejects.toHaveProperty('params', params);
    else await bob;
  });

  it('of a month end with it, of a day with that', async () => {
    const held = budgets({ userCentsPerDay: 5, userCentsPerMonth: 5, centsPerMonth: 5 });
    await spend('ada', 5);
    await expect(held.check('ada')).rejects.toMatchObject({ code: 'BUDGET_REACHED' });
    clock.advance(3_600_000 - 1);
    await expect(held.check('ada')).rejects.toMatchObject({ code: 'BUDGET_REACHED' });
    clock.advance(1);
    await held.check('ada');
  });

  it('of one person go before those of the server, up and down; 0 is none, null the server’s', async () => {
    const held = budgets({ userCentsPerMonth: 5 });
    await spend('ada', 5);
    const set = (centsPerMonth: number | null) => documents.update('users', 'ada', { set: { budget: { centsPerMonth } } });
    await set(10);
    await held.check('ada');
    await set(0);
    await held.check('ada');
    await set(3);
    await expect(held.check('ada')).rejects.toMatchObject({ params: { limit: 3, spent: 5 } });
    await set(null);
    await expect(held.check('ada')).rejects.toMatchObject({ params: { limit: 5 } });
    expect((await held.limitsOf('ada')).centsPerMonth).toBe(5);
  });

  it('warn once in a day and once in a month, also after a restart', async () => {
    const limits = { userCentsPerDay: 10, userCentsPerMonth: 20 };
    await spend('ada', 7);
    await budgets(limits).warn('ada');
    expect(told).toEqual([]);
    await spend('ada', 1);
    await Promise.all([budgets(limits).warn('ada'), budgets(limits).warn('ada')]);
    expect(told).toMatchObject([
      { code: 'BUDGET_WARNING', params: { percent: 80, period: 'day', spent: 8, limit: 10 }, text: expect.stringContaining('80 %') },
    ]);
    await spend('ada', 8);
    await budgets(limits).warn('ada');
    await budgets(limits).warn('ada');
    expect(told.slice(1)).toMatchObject([{ params: { percent: 80, period: 'month', spent: 16, limit: 20 } }]);
  });
});
