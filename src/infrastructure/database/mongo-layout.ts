import { createHash } from 'node:crypto';
import type { Document, IndexSpec, JsonValue, Scalar } from '../../lib/document-store.ts';
import { StoreUnavailableError } from '../../lib/store-errors.ts';
import type { CollectionRules } from './collection-catalog.ts';
import type { JsonObject } from './document-rules.ts';
import type { FindPhase, FindPlan, SearchPlan } from './find-plan.ts';

/**
 * How a document lies in MongoDB: `id` is `_id`, and `_keys` holds one text for each unique index whose fields all have
 * a value. A sparse unique index on that one text works on every server that speaks the protocol; partial indexes do not.
 */
export interface StoredDocument {
  readonly _id: string;
  readonly _keys?: Readonly<Record<string, string>>;
  readonly [field: string]: unknown;
}

export type MongoFilter = Record<string, unknown>;

export const withoutKeys = { _keys: 0 } as const;

export function storedFrom(rules: CollectionRules, document: JsonObject & Document): StoredDocument {
  const { id, ...members } = document;
  return { _id: id, ...members, _keys: uniqueKeys(rules, document) };
}

export function documentFrom<T extends Document>(stored: Readonly<Record<string, unknown>>): T {
  const { _id, _keys, ...members } = stored;
  const document = { id: _id, ...members };
  if (!isDocument<T>(document)) throw new StoreUnavailableError('MongoDB: a document has no id of ours');
  return document;
}

/** The caller knows what it stored; the port knows the id. */
function isDocument<T extends Document>(value: { readonly id: unknown }): value is T {
  return typeof value.id === 'string';
}

export function shortHash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 12);
}

export function uniqueIndexes(rules: CollectionRules): IndexSpec[] {
  return [...rules.indexes.values()].filter((index) => index.unique === true);
}

/** A changed definition is another key. */
export function keyName(index: IndexSpec): string {
  return `${index.name}_${shortHash(JSON.stringify(index.fields))}`;
}

export function uniqueKeys(rules: CollectionRules, document: Readonly<Record<string, JsonValue | undefined>>): Record<string, string> {
  const keys: Record<string, string> = {};
  for (const index of uniqueIndexes(rules)) {
    const values = index.fields.map((field) => document[field] ?? null);
    if (!values.includes(null)) keys[keyName(index)] = JSON.stringify(values);
  }
  return keys;
}

function mongoField(field: string): string {
  return field === 'id' ? '_id' : field;
}

/** Only checked scalars come in, so no value can be an operator. */
export function expectFilter(id: string, expect: ReadonlyArray<readonly [string, Scalar]>): MongoFilter {
  return { $and: [{ _id: id }, ...expect.map(([field, value]) => ({ [mongoField(field)]: { $eq: value } }))] };
}

export function phaseFilter(phase: FindPhase): MongoFilter {
  const clauses: MongoFilter[] = phase.equals.map(([field, value]) => ({ [mongoField(field)]: { $eq: value } }));
  for (const bound of phase.bounds) {
    clauses.push({ [mongoField(bound.field)]: bound.operator === 'present' ? { $ne: null } : { [`$${bound.operator}`]: bound.value } });
  }
  return clauses.length === 0 ? {} : { $and: clauses };
}

export function planSort(plan: FindPlan): Record<string, 1 | -1> {
  return Object.fromEntries(plan.order.map((field) => [mongoField(field), plan.descending ? -1 : 1]));
}

const afterAll = '\u{10FFFF}';

export function searchFilter(search: { owner: string; words: string }, plan: SearchPlan): MongoFilter {
  const prefix = plan.words.at(-1) ?? '';
  const clauses: MongoFilter[] = [{ [search.owner]: { $eq: plan.owner } }];
  for (const word of plan.words.slice(0, -1)) clauses.push({ [search.words]: { $eq: word } });
  clauses.push({ [search.words]: { $elemMatch: { $gte: prefix, $lt: `${prefix}${afterAll}` } } });
  if (plan.before !== null) clauses.push({ _id: { $lt: plan.before } });
  return { $and: clauses };
}

export interface MongoIndex {
  readonly name: string;
  readonly key: Record<string, 1 | -1>;
  readonly unique?: IndexSpec;
}

/** Everything that serves a collection. The definition is part of the name, so that a changed index is another index. */
export function mongoIndexes(rules: CollectionRules): MongoIndex[] {
  const wanted: MongoIndex[] = [];
  for (const index of rules.indexes.values()) {
    const fields = index.fields.includes('id') ? index.fields : [...index.fields, 'id'];
    wanted.push({ name: `find_${keyName(index)}`, key: Object.fromEntries(fields.map((field) => [mongoField(field), 1] as const)) });
    if (index.unique === true) wanted.push({ name: `unique_${keyName(index)}`, key: { [`_keys.${keyName(index)}`]: 1 }, unique: index });
  }
  const { search } = rules.spec;
  if (search !== undefined)
    wanted.push({ name: `search_${shortHash(JSON.stringify(search))}`, key: { [search.owner]: 1, [search.words]: 1, _id: -1 } });
  return wanted;
}

/** Whether an index found in the database is of our making. */
export function isOwnIndex(name: string): boolean {
  return /^(?:find|unique|search)_/.test(name);
}
