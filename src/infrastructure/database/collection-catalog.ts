import type { CollectionSpec, IndexSpec } from '../../lib/document-store.ts';
import { BadQueryError } from '../../lib/store-errors.ts';
import { isFieldName } from './document-rules.ts';

export interface CollectionRules {
  readonly spec: CollectionSpec;
  readonly indexes: ReadonlyMap<string, IndexSpec>;
  /** Fields that must hold a scalar (or nothing), because an index or the search owner stands on them. */
  readonly indexedFields: ReadonlySet<string>;
  /** The same without `id`, in an order of their own. */
  readonly columns: readonly string[];
}

export interface CollectionCatalog {
  readonly all: readonly CollectionRules[];
  /** @throws BadQueryError for a collection that is not declared */
  collection(name: string): CollectionRules;
}

/** Checks the declarations once, so that names may stand in SQL and in index definitions. */
export function createCollectionCatalog(collections: readonly CollectionSpec[]): CollectionCatalog {
  const byName = new Map<string, CollectionRules>();
  // The stores keep their own facts under this name.
  const taken = new Set(['meta']);
  for (const spec of collections) {
    requireName(spec.name, taken);
    byName.set(spec.name, rulesFor(spec));
  }
  return {
    all: [...byName.values()],
    collection(name) {
      const rules = byName.get(name);
      if (rules === undefined) throw new BadQueryError('no such collection');
      return rules;
    },
  };
}

function rulesFor(spec: CollectionSpec): CollectionRules {
  const taken = new Set(['id']);
  const indexes = new Map<string, IndexSpec>();
  const indexedFields = new Set<string>();
  for (const index of spec.indexes) {
    requireName(index.name, taken);
    requireFields(spec, index);
    indexes.set(index.name, index);
    for (const field of index.fields) indexedFields.add(field);
  }
  if (spec.search !== undefined) {
    const { owner, words } = spec.search;
    if (!isFieldName(owner) || !isFieldName(words) || owner === words || indexedFields.has(words)) {
      throw new Error(`collection ${spec.name}: search needs two different fields, and no index on its words`);
    }
    indexedFields.add(owner);
  }
  const columns = [...indexedFields].filter((field) => field !== 'id').sort();
  return { spec, indexes, indexedFields, columns };
}

function requireFields({ name }: CollectionSpec, { name: index, fields, sparse }: IndexSpec): void {
  if (fields.length === 0 || new Set(fields).size !== fields.length || !fields.every(isFieldName)) {
    throw new Error(`collection ${name}, index ${index}: fields must be distinct names of letters and digits`);
  }
  if (sparse !== undefined && !fields.includes(sparse))
    throw new Error(`collection ${name}, index ${index}: it is sparse by a field that it does not hold`);
}

function requireName(name: string, taken: Set<string>): void {
  // SQLite does not tell names apart by case.
  const folded = name.toLowerCase();
  if (!isFieldName(name) || taken.has(folded)) throw new Error(`the store declares the bad or repeated name ${name}`);
  taken.add(folded);
}
