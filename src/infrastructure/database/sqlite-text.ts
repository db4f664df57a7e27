import type { Bound, FindPhase, FindPlan } from './find-plan.ts';
import { type SqlValue, sqlValue } from './sqlite-protocol.ts';
import { columnName } from './sqlite-schema-names.ts';

export interface SqlText {
  readonly sql: string;
  readonly values: SqlValue[];
}

const sqlOperators = { gt: '>', gte: '>=', lt: '<', lte: '<=' } as const;
const firstText = "''";
const firstBoolean = "x''";

/** The query of one phase; its last parameter is the limit. Only names from the catalog stand in the text. */
export function phaseSql(source: { table: string; index: string; column: 'doc' | 'id' }, phase: FindPhase, plan: FindPlan): SqlText {
  const conditions: string[] = [];
  const values: SqlValue[] = [];
  for (const [field, value] of phase.equals) {
    conditions.push(value === null ? `${columnName(field)} IS NULL` : `${columnName(field)} = ?`);
    if (value !== null) values.push(sqlValue(value));
  }
  for (const bound of phase.bounds) {
    if (bound.operator === 'present') {
      conditions.push(`${columnName(bound.field)} IS NOT NULL`);
      continue;
    }
    conditions.push(`${columnName(bound.field)} ${sqlOperators[bound.operator]} ?`, ...sameTypeOnly(bound));
    values.push(sqlValue(bound.value));
  }
  const where = conditions.length === 0 ? '' : ` WHERE ${conditions.join(' AND ')}`;
  const order = plan.order.map((field) => `${columnName(field)}${plan.descending ? ' DESC' : ''}`).join(', ');
  return { sql: `SELECT ${source.column} FROM ${source.table} INDEXED BY ${source.index}${where} ORDER BY ${order} LIMIT ?`, values };
}

/** SQLite orders null < numbers < texts < blobs in one row; a bound means values of its own type only, as in MongoDB. */
function sameTypeOnly(bound: Exclude<Bound, { operator: 'present' }>): string[] {
  const field = columnName(bound.field);
  const lower = bound.operator === 'gt' || bound.operator === 'gte';
  if (field === 'id') return [];
  if (typeof bound.value === 'number') return lower ? [`${field} < ${firstText}`] : [];
  if (typeof bound.value === 'string') return lower ? [`${field} < ${firstBoolean}`] : [`${field} >= ${firstText}`];
  return lower ? [] : [`${field} >= ${firstBoolean}`];
}
