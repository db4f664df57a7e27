import { AppError } from '../../lib/app-error.ts';
import type { Clock } from '../../lib/clock.ts';
import type { DocumentStore } from '../../lib/document-store.ts';
import type { Logger } from '../../lib/logger.ts';
import { noticeTable, type ServerFrame, type UsageReport } from '../../protocol/index.ts';
import type { UserRow } from '../accounts/account-collections.ts';
import { allMonthId, totalOf, type UsageRecord, usageCollection, userDayId, userMonthId } from './usage-record.ts';

/** Limits of the server, 0 = off. Cents are US cents; days and months are those of UTC. */
export interface BudgetLimits {
  readonly userTokensPerDay: number;
  readonly userCentsPerDay: number;
  readonly userCentsPerMonth: number;
  /** Of all people together. */
  readonly centsPerMonth: number;
  /** From this part of a budget on people are warned, once in each day and month. */
  readonly warnPercent: number;
}

export interface BudgetsOptions {
  readonly documents: DocumentStore;
  readonly clock: Clock;
  readonly limits: BudgetLimits;
  readonly logger: Logger;
  /** Reaches every socket of the person. */
  readonly tell: (userId: string, frame: ServerFrame) => void;
}

/** One limit and how much of it is used, in its own unit. */
interface Rule {
  readonly scope: 'user' | 'server';
  readonly period: 'day' | 'month';
  readonly unit: 'tokens' | 'cents';
  readonly limit: number;
  readonly spent: number;
  /** The row that remembers the warning. */
  readonly rowId: string;
}

export const MICRO_USD_PER_CENT = 10_000;

/**
 * Holds people to their budgets. Asked before an answer is accepted, by what has been counted by then: answers that are being
 * written are counted when they end, so a budget can be passed by what was running when it was reached, and by no more.
 */
export class Budgets {
  readonly #options: BudgetsOptions;

  constructor(options: BudgetsOptions) {
    this.#options = options;
  }

  /** @throws AppError BUDGET_REACHED */
  async check(userId: string): Promise<void> {
    const reached = (await this.#rules(userId)).find(({ limit, spent }) => limit > 0 && spent >= limit);
    if (reached === undefined) return;
    const { period, limit, scope, unit } = reached;
    // What all people together spend is the operator's business alone.
    if (scope === 'server') throw new AppError('BUDGET_REACHED', { params: { period, scope, reason: 'server' } });
    throw new AppError('BUDGET_REACHED', { params: { period, limit, spent: Math.floor(reached.spent), scope, unit, reason: period } });
  }

  /** Tells who has used most of a budget: once for each day and month, whatever happens in between. */
  async warn(userId: string): Promise<void> {
    const { warnPercent } = this.#options.limits;
    if (warnPercent <= 0) return;
    const due = (await this.#rules(userId))
      .filter(({ limit, spent }) => limit > 0 && spent * 100 >= limit * warnPercent)
      .sort((a, b) => percentOf(b) - percentOf(a));
    const told = new Set<string>();
    for (const rule of due) {
      if (told.has(rule.rowId)) continue;
      told.add(rule.rowId);
      if (await this.#remember(rule.rowId)) this.#tell(userId, rule);
    }
  }

  /** The limits that hold for a person. */
  async limitsOf(userId: string): Promise<UsageReport['limits']> {
    const { documents, limits } = this.#options;
    const user = await documents.get<UserRow>('users', userId);
    return {
      tokensPerDay: limits.userTokensPerDay,
      centsPerDay: user?.budget?.centsPerDay ?? limits.userCentsPerDay,
      centsPerMonth: user?.budget?.centsPerMonth ?? limits.userCentsPerMonth,
      warnPercent: limits.warnPercent,
    };
  }

  async #rules(userId: string): Promise<Rule[]> {
    const { documents, clock, limits: server } = this.#options;
    const at = clock.now();
    const [dayId, monthId, allId] = [userDayId(userId, at), userMonthId(userId, at), allMonthId(at)];
    const [limits, rows] = await Promise.all([
      this.limitsOf(userId),
      documents.getMany<UsageRecord>(usageCollection.name, [dayId, monthId, allId]),
    ]);
    const total = (id: string) => totalOf(rows.find((row) => row.id === id));
    const cents = (id: string) => total(id).costMicroUsd / MICRO_USD_PER_CENT;
    const day = { scope: 'user', period: 'day', rowId: dayId } as const;
    const tokens = total(dayId).inputTokens + total(dayId).outputTokens;
    return [
      { ...day, unit: 'tokens', limit: limits.tokensPerDay, spent: tokens },
      { ...day, unit: 'cents', limit: limits.centsPerDay, spent: cents(dayId) },
      { scope: 'user', period: 'month', unit: 'cents', limit: limits.centsPerMonth, spent: cents(monthId), rowId: monthId },
      { scope: 'server', period: 'month', unit: 'cents', limit: server.centsPerMonth, spent: cents(allId), rowId: allId },
    ];
  }

  /** @returns whether this call was the first */
  async #remember(rowId: string): Promise<boolean> {
    const change = { expect: { warned: null }, set: { warned: true } };
    return (await this.#options.documents.update(usageCollection.name, rowId, change)) !== null;
  }

  #tell(userId: string, rule: Rule): void {
    const { period, limit, unit } = rule;
    const params = { percent: percentOf(rule), period, spent: Math.floor(rule.spent), limit, unit };
    if (rule.scope === 'server') {
      this.#options.logger.warn({ percent: params.percent, period }, 'most of the budget of this server is used up');
      return;
    }
    const text = noticeTable.BUDGET_WARNING.replace('{percent}', String(params.percent)).replace('{period}', period);
    this.#options.tell(userId, { type: 'notice', code: 'BUDGET_WARNING', params, text });
  }
}

function percentOf({ spent, limit }: Rule): number {
  return Math.floor((spent * 100) / limit);
}
