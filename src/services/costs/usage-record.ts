import type { CollectionSpec } from '../../lib/document-store.ts';
import { pacificDay } from '../../lib/pacific-day.ts';
import type { UsageTotal } from '../../protocol/index.ts';
import { utcDay, utcMonth } from './cost-of.ts';

/**
 * `user` and `model` count by the days of the provider's calendar, for its daily quotas. The others are what people and the
 * operator see, and what budgets are held against: days and months of UTC, of one person or of everybody.
 */
export type UsageScope = 'user' | 'model' | 'user-day' | 'user-month' | 'all-day' | 'all-month';

/**
 * What was used in one stretch of time. While an answer is being counted the row also holds a field `counted<id>`: on a store
 * without transactions it keeps a repeated count from counting twice.
 */
export type UsageRecord = {
  readonly id: string;
  readonly day: string;
  readonly scope: UsageScope;
  readonly key: string;
  /** Answers that ended. */
  readonly requests: number;
  /** Requests that were let through under a daily limit, ended or not. */
  readonly reserved?: number;
  readonly inputTokens: number;
  /** With thoughts. */
  readonly outputTokens: number;
  readonly costMicroUsd?: number;
  /** Somebody was told that the budget of this stretch is nearly used up. */
  readonly warned?: boolean;
};

export const usageCollection: CollectionSpec = { name: 'usage', indexes: [{ name: 'byScope', fields: ['scope', 'key', 'day'] }] };

/** The key of the rows of everybody. */
const everybody = 'all';

/** The key may hold any character: only the id's parts that we made are compared. */
export function usageId(day: string, scope: UsageScope, key: string): string {
  return `${day}:${scope}:${key}`;
}

export function emptyUsage(day: string, scope: UsageScope, key: string): UsageRecord {
  return { id: usageId(day, scope, key), day, scope, key, requests: 0, reserved: 0, inputTokens: 0, outputTokens: 0, costMicroUsd: 0 };
}

export function userDayId(userId: string, at: number): string {
  return usageId(utcDay(at), 'user-day', userId);
}

export function userMonthId(userId: string, at: number): string {
  return usageId(utcMonth(at), 'user-month', userId);
}

export function allDayId(at: number): string {
  return usageId(utcDay(at), 'all-day', everybody);
}

export function allMonthId(at: number): string {
  return usageId(utcMonth(at), 'all-month', everybody);
}

/** Every row that an answer is counted in, empty. */
export function rowsOf(userId: string, model: string, at: number): UsageRecord[] {
  return [
    emptyUsage(pacificDay(at), 'user', userId),
    emptyUsage(pacificDay(at), 'model', model),
    emptyUsage(utcDay(at), 'user-day', userId),
    emptyUsage(utcMonth(at), 'user-month', userId),
    emptyUsage(utcDay(at), 'all-day', everybody),
    emptyUsage(utcMonth(at), 'all-month', everybody),
  ];
}

export function totalOf(row: UsageRecord | undefined): UsageTotal {
  return {
    requests: row?.requests ?? 0,
    inputTokens: row?.inputTokens ?? 0,
    outputTokens: row?.outputTokens ?? 0,
    costMicroUsd: row?.costMicroUsd ?? 0,
  };
}
