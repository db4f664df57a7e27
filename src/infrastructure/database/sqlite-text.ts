import type { CollectionRules } from './collection-catalog.ts';
import type { Bound, FindPhase, FindPlan, SearchPlan } from './find-plan.ts';
import { type SqlValue, sqlValue } from './sqlite-protocol.ts';
import { fieldSql } from './sqlite-schema.ts';
import { tableName, wordTableName } from './sqlite-schema-names.ts';

export interface SqlText {
  readonly sql: string;
  readonly values: SqlValue[];
}

const sqlOperators = { gt: '>', gte: '>=', lt: '<', lte: '<=' } as const;
const firstText = "''";
const firstBoolean = "x''";
/** Sorts after every word: the last code point. */
const afterAll = '\u{10FFFF}';

/** The query of one phase; its last parameter is the limit. Only names from the catalog stand in the text. */
export function phaseSql(source: { table: string; index: string; column: 'doc' | 'id' }, phase: FindPhase, plan: FindPlan): SqlText {
  const conditions: string[] = [];
  const values: SqlValue[] = [];
  for (const [field, value] of phase.equals) {
    conditions.push(value === null ? `${fieldSql(field)} IS NULL` : `${fieldSql(field)} = ?`);
    if (value !== null) values.push(sqlValue(value));
  }
  for (const bound of phase.bounds) {
    if (bound.operator === 'present') {
      conditions.push(`${fieldSql(bound.field)} IS NOT NULL`);
      continue;
    }
    conditions.push(`${fieldSql(bound.field)} ${sqlOperators[bound.operator]} ?`, ...sameTypeOnly(bound));
    values.push(sqlValue(bound.value));
  }
  const where = conditions.length === 0 ? '' : ` WHERE ${conditions.join(' AND ')}`;
  const order = plan.order.map((field) => `${fieldSql(field)}${plan.descending ? ' DESC' : ''}`).join(', ');
  return { sql: `SELECT ${source.column} FROM ${source.table} INDEXED BY ${source.index}${where} ORDER BY ${order} LIMIT ?`, values };
}

/** SQLite orders null < numbers < texts < blobs in one row; a bound means values of its own type only, as in MongoDB. */
function sameTypeOnly(bound: Exclude<Bound, { operator: 'present' }>): string[] {
  const field = fieldSql(bound.field);
  const lower = bound.operator === 'gt' || bound.operator === 'gte';
  if (field === 'id') return [];
  if (typeof bound.value === 'number') return lower ? [`${field} < ${firstText}`] : [];
  if (typeof bound.value === 'string') return lower ? [`${field} < ${firstBoolean}`] : [`${field} >= ${firstText}`];
  return lower ? [] : [`${field} >= ${firstBoolean}`];
}

/** Newest id first: the first whole word (or the prefix alone) drives, the others are looked up by id. */
export function searchSql(rules: CollectionRules, plan: SearchPlan): SqlText {
  const words = wordTableName(rules);
  const whole = plan.words.slice(0, -1);
  const prefix = plan.words.at(-1) ?? '';
  const [driver, ...others] = whole;
  const before = plan.before === null ? '' : ' AND w.id < ?';
  const beforeValues = plan.before === null ? [] : [plan.before];
  const lookup = others.map(() => ` AND EXISTS (SELECT 1 FROM ${words} WHERE owner = w.owner AND word = ? AND id = w.id)`).join('');
  const driverSql =
    driver === undefined
      ? `SELECT DISTINCT w.id FROM ${words} AS w WHERE w.owner = ?${before} AND w.word >= ? AND w.word < ?`
      : `SELECT w.id FROM ${words} AS w WHERE w.owner = ?${before} AND w.word = ?${lookup} AND EXISTS (SELECT 1 FROM ${words} WHERE id = w.id AND word >= ? AND word < ?)`;
  const sql = `SELECT doc FROM ${tableName(rules.spec.name)} WHERE id IN (${driverSql} ORDER BY w.id DESC LIMIT ?) ORDER BY id DESC`;
  return { sql, values: [plan.owner, ...beforeValues, ...whole, prefix, `${prefix}${afterAll}`, plan.limit] };
}
