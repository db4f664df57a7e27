import type { Clock } from '../../lib/clock.ts';
import type { DocumentStore } from '../../lib/document-store.ts';
import type { UsageReport, UsageTotal } from '../../protocol/index.ts';
import type { Budgets } from './budgets.ts';
import { utcDay, utcMonth } from './cost-of.ts';
import { totalOf, type UsageRecord, usageCollection, userDayId, userMonthId } from './usage-record.ts';

export interface UsageReportsOptions {
  readonly documents: DocumentStore;
  readonly clock: Clock;
  readonly budgets: Pick<Budgets, 'limitsOf'>;
}

/** What was used, by days and months of UTC. */
export interface UsageReports {
  /** What a person has used, and may use. */
  of(userId: string): Promise<UsageReport>;
  /** This month of up to 1000 people, by their ids. */
  thisMonthOf(userIds: readonly string[]): Promise<ReadonlyMap<string, UsageTotal>>;
}

export function createUsageReports({ documents, clock, budgets }: UsageReportsOptions): UsageReports {
  async function totals(ids: readonly string[]): Promise<UsageTotal[]> {
    const rows = await documents.getMany<UsageRecord>(usageCollection.name, ids);
    return ids.map((id) => totalOf(rows.find((row) => row.id === id)));
  }

  return {
    async of(userId) {
      const at = clock.now();
      const [[today = totalOf(undefined), thisMonth = totalOf(undefined)], limits] = await Promise.all([
        totals([userDayId(userId, at), userMonthId(userId, at)]),
        budgets.limitsOf(userId),
      ]);
      return { day: utcDay(at), month: utcMonth(at), today, thisMonth, limits };
    },
    async thisMonthOf(userIds) {
      const at = clock.now();
      const months = await totals(userIds.map((userId) => userMonthId(userId, at)));
      return new Map(userIds.map((userId, index) => [userId, months[index] ?? totalOf(undefined)]));
    },
  };
}
