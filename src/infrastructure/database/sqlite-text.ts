import { BadQueryError } from '../../lib/store-errors.ts';
import type { CollectionRules } from './collection-catalog.ts';
import type { Bound, FindPhase, FindPlan } from './find-plan.ts';
import { type SqliteSelect, type SqliteStatement, type SqlValue, sqlValue } from './sqlite-protocol.ts';
import { columnName, indexName, tableName } from './sqlite-schema-names.ts';

const sqlOperators = { gt: '>', gte: '>=', lt: '<', lte: '<=' } as const;
const firstText = "''";
const firstBoolean = "x''";

/** The statements of a plan. Only names from the catalog stand in their texts. */
export function selectOf(rules: CollectionRules, plan: FindPlan, column: 'doc' | 'id'): SqliteSelect {
  const index = rules.indexes.get(plan.index);
  if (index === undefined) throw new BadQueryError('no such index');
  const from = `SELECT ${column} FROM ${tableName(rules.spec.name)} INDEXED BY ${indexName(rules, index)}`;
  const order = plan.order.map((field) => `${columnName(field)}${plan.descending ? ' DESC' : ''}`).join(', ');
  const phases = plan.phases.map((phase): SqliteStatement => {
    const { where, values } = matchOf(phase);
    return [`${from}${where} ORDER BY ${order} LIMIT ?`, ...values];
  });
  return [plan.limit, ...phases];
}

function matchOf(phase: FindPhase): { readonly where: string; readonly values: readonly SqlValue[] } {
  const conditions: string[] = [];
  const values: SqlValue[] = [];
  for (const [field, value] of phase.equals) {
    if (value === null) conditions.push(`${columnName(field)} IS NULL`);
    // Bytes are slow to copy to the other thread.
    else if (typeof value === 'boolean') conditions.push(`${columnName(field)} = ${value ? "x'01'" : "x'00'"}`);
    else {
      conditions.push(`${columnName(field)} = ?`);
      values.push(value);
    }
  }
  for (const bound of phase.bounds) {
    if (bound.operator === 'present') {
      conditions.push(`${columnName(bound.field)} IS NOT NULL`);
      continue;
    }
    conditions.push(`${columnName(bound.field)} ${sqlOperators[bound.operator]} ?`, ...sameTypeOnly(bound));
    values.push(sqlValue(bound.value));
  }
  return { where: conditions.length === 0 ? '' : ` WHERE ${conditions.join(' AND ')}`, values };
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
