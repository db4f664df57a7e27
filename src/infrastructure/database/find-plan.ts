import type { FindQuery, IndexSpec, JsonValue, Scalar, SearchQuery } from '../../lib/document-store.ts';
import { BadQueryError } from '../../lib/store-errors.ts';
import type { CollectionRules } from './collection-catalog.ts';
import type { CursorSeal } from './cursor-seal.ts';
import { cleanScalar } from './document-rules.ts';

export type Bound =
  | { readonly field: string; readonly operator: 'gt' | 'gte' | 'lt' | 'lte'; readonly value: string | number | boolean }
  | { readonly field: string; readonly operator: 'present' };

/** Rows that lie together in the index: equal values first, then one range. */
export interface FindPhase {
  readonly equals: ReadonlyArray<readonly [field: string, value: Scalar]>;
  readonly bounds: readonly Bound[];
}

/**
 * A query in a form that both stores run the same way: the phases, one after the other, until the limit is reached.
 * A page after a cursor is several phases ("same time and a later id", then "a later time"), because each of them is
 * one range of the index, whereas their OR is a scan.
 */
export interface FindPlan {
  readonly index: string;
  readonly phases: readonly FindPhase[];
  /** Fields that give the order, `id` last. */
  readonly order: readonly string[];
  readonly descending: boolean;
  readonly limit: number;
}

export interface SearchPlan {
  readonly owner: string;
  readonly words: readonly string[];
  /** Only ids below this one. */
  readonly before: string | null;
  readonly limit: number;
}

const maxLimit = 1000;
const maxSearchWords = 16;

type PlainQuery = Omit<FindQuery, 'cursor' | 'order'>;

/** Same text for the same query, whatever the order of its keys; the limit may differ from page to page. */
function queryText(collection: string, index: IndexSpec, query: FindQuery): string {
  const where = index.fields.map((field) => (Object.hasOwn(query.where, field) ? [query.where[field]] : []));
  const { after, before, from, to } = query.range ?? {};
  return JSON.stringify([
    'find',
    collection,
    index.fields,
    where,
    [after, before, from, to].map((v) => (v === undefined ? [] : [v])),
    query.order ?? 'asc',
  ]);
}

export interface PlannedFind {
  readonly plan: FindPlan;
  /** The cursor that continues after this document. */
  cursorAfter(document: Readonly<Record<string, JsonValue | undefined>>): string;
}

/** @throws BadQueryError, BadCursorError */
export function planFind(rules: CollectionRules, query: FindQuery, seal: CursorSeal): PlannedFind {
  const index = requireIndex(rules, query.index);
  const base = basePhase(index, query);
  const order = orderFields(index, base);
  const descending = isDescending(query.order);
  // Few pages have another page before or after them, so few need the text that binds a cursor to its query.
  const text = () => queryText(rules.spec.name, index, query);
  const phases = query.cursor === undefined ? [base] : phasesAfter(base, order, { values: seal.open(text(), query.cursor), descending });
  return {
    plan: { index: index.name, phases, order, descending, limit: cleanLimit(query.limit) },
    cursorAfter: (document) =>
      seal.seal(
        text(),
        order.map((field) => cleanScalar(document[field] ?? null, field)),
      ),
  };
}

/** For counting and deleting, which have no pages. */
export function planMatch(rules: CollectionRules, query: PlainQuery): FindPlan {
  const index = requireIndex(rules, query.index);
  const base = basePhase(index, query);
  return { index: index.name, phases: [base], order: orderFields(index, base), descending: false, limit: cleanLimit(query.limit) };
}

export interface PlannedSearch {
  readonly plan: SearchPlan;
  cursorAfter(id: string): string;
}

/** @throws BadQueryError, BadCursorError */
export function planSearch(rules: CollectionRules, query: SearchQuery, seal: CursorSeal): PlannedSearch {
  if (rules.spec.search === undefined) throw new BadQueryError('this collection is not searched');
  if (typeof query.owner !== 'string') throw new BadQueryError('the owner of a search must be a string');
  if (query.words.length > maxSearchWords) throw new BadQueryError(`at most ${maxSearchWords} words`);
  const words = query.words.map((word) => {
    if (typeof word !== 'string' || word === '' || word.includes('\0')) throw new BadQueryError('a search word must be a non-empty string');
    return String(cleanScalar(word, 'a search word'));
  });
  const text = JSON.stringify(['search', rules.spec.name, query.owner, words]);
  const [before = null] = query.cursor === undefined ? [] : seal.open(text, query.cursor);
  return {
    plan: { owner: query.owner, words, before: before === null ? null : String(before), limit: cleanLimit(query.limit) },
    cursorAfter: (id) => seal.seal(text, [id]),
  };
}

function requireIndex(rules: CollectionRules, name: string): IndexSpec {
  const index = rules.indexes.get(name);
  if (index === undefined) throw new BadQueryError('no such index');
  return index;
}

function isDescending(order: unknown): boolean {
  if (order !== undefined && order !== 'asc' && order !== 'desc') throw new BadQueryError('the order must be asc or desc');
  return order === 'desc';
}

function cleanLimit(limit: unknown): number {
  if (typeof limit !== 'number' || !Number.isInteger(limit) || limit < 1 || limit > maxLimit) {
    throw new BadQueryError(`the limit must be an integer from 1 to ${maxLimit}`);
  }
  return limit;
}

function basePhase(index: IndexSpec, query: PlainQuery): FindPhase {
  const named = Object.keys(query.where);
  const prefix = index.fields.slice(0, named.length);
  if (named.length > index.fields.length || !prefix.every((field) => Object.hasOwn(query.where, field))) {
    throw new BadQueryError(`where must name the first fields of the index ${index.name}`);
  }
  const equals = prefix.map((field) => [field, cleanScalar(query.where[field], field)] as const);
  if (index.sparse !== undefined && !equals.some(([field, value]) => field === index.sparse && value !== null)) {
    throw new BadQueryError(`where must name a value of ${index.sparse} in the index ${index.name}`);
  }
  return { equals, bounds: rangeBounds(index.fields[prefix.length], query.range) };
}

const boundOperators = { after: 'gt', from: 'gte', before: 'lt', to: 'lte' } as const;

function rangeBounds(field: string | undefined, range: FindQuery['range']): Bound[] {
  const bounds: Bound[] = [];
  for (const [name, given] of Object.entries(range ?? {})) {
    if (given === undefined) continue;
    if (!isBoundName(name) || field === undefined) throw new BadQueryError('the range has no field left in this index');
    const value = cleanScalar(given, name);
    // Null has no place in an order that both stores share; ask for it by equality.
    if (value === null) throw new BadQueryError('a bound must not be null');
    bounds.push({ field, operator: boundOperators[name], value });
  }
  const types = new Set(bounds.map((bound) => (bound.operator === 'present' ? '' : typeof bound.value)));
  if (types.size > 1) throw new BadQueryError('both bounds must be of the same type');
  return bounds;
}

function isBoundName(name: string): name is keyof typeof boundOperators {
  return Object.hasOwn(boundOperators, name);
}

function orderFields(index: IndexSpec, base: FindPhase): string[] {
  const rest = index.fields.slice(base.equals.length);
  return index.fields.includes('id') && rest.includes('id') ? rest.slice(0, rest.indexOf('id') + 1) : [...rest, 'id'];
}

function phasesAfter(base: FindPhase, order: readonly string[], last: { values: readonly Scalar[]; descending: boolean }): FindPhase[] {
  const phases: FindPhase[] = [];
  for (let depth = order.length - 1; depth >= 0; depth -= 1) {
    const field = order[depth] ?? 'id';
    const value = last.values[depth] ?? null;
    const fixed = order.slice(0, depth).map((name, at) => [name, last.values[at] ?? null] as const);
    const equals = [...base.equals, ...fixed];
    const ranged = depth === 0 ? base.bounds : [];
    const beyond = boundBeyond(field, value, last.descending);
    if (beyond !== null) phases.push({ equals, bounds: [...ranged, beyond] });
    // Null comes before everything; a range never holds it.
    if (last.descending && value !== null && field !== 'id' && ranged.length === 0)
      phases.push({ equals: [...equals, [field, null]], bounds: [] });
  }
  return phases;
}

function boundBeyond(field: string, value: Scalar, descending: boolean): Bound | null {
  if (value !== null) return { field, operator: descending ? 'lt' : 'gt', value };
  return descending ? null : { field, operator: 'present' };
}
