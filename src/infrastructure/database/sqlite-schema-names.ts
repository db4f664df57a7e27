import { createHash } from 'node:crypto';
import type { IndexSpec } from '../../lib/document-store.ts';
import type { CollectionRules } from './collection-catalog.ts';

export function tableName(collection: string): string {
  return `c_${collection}`;
}

/** One document by its id; the same text each time, as a new one would be hashed for every call. */
export function selectSql(rules: CollectionRules): string {
  const known = selects.get(rules);
  if (known !== undefined) return known;
  const made = `SELECT doc FROM ${tableName(rules.spec.name)} WHERE id = ?`;
  selects.set(rules, made);
  return made;
}

const selects = new WeakMap<CollectionRules, string>();

/** The column that holds a copy of an indexed field of the document; `id` is one of its own. */
export function columnName(field: string): string {
  return field === 'id' ? 'id' : `f_${field}`;
}

/** The definition is part of the name: a changed index is another index. Kept, as its hash costs more than a query does. */
export function indexName(rules: CollectionRules, index: IndexSpec): string {
  const names = indexNames.get(rules) ?? new Map<string, string>();
  indexNames.set(rules, names);
  const known = names.get(index.name);
  if (known !== undefined) return known;
  const made = `i_${rules.spec.name}_${index.name}_${shortHash(indexBody(rules, index))}`;
  names.set(index.name, made);
  return made;
}

const indexNames = new WeakMap<CollectionRules, Map<string, string>>();

/** What follows `CREATE` and the name: kind, table, fields. */
export function indexBody(rules: CollectionRules, index: IndexSpec): string {
  // A unique index is on its fields alone; NULLs are distinct there, which is what the port asks for.
  const fields = index.unique === true || index.fields.includes('id') ? index.fields : [...index.fields, 'id'];
  const sparse = index.sparse === undefined ? '' : ` WHERE ${columnName(index.sparse)} IS NOT NULL`;
  return `${index.unique === true ? 'UNIQUE ' : ''}${tableName(rules.spec.name)}(${fields.map(columnName).join(', ')})${sparse}`;
}

/** Numbers of searched documents: the text index knows them by number, in the order of their ids. */
export function numberTableName(rules: CollectionRules): string {
  return `n_${rules.spec.name}_${searchHash(rules)}`;
}

export function textTableName(rules: CollectionRules): string {
  return `t_${rules.spec.name}_${searchHash(rules)}`;
}

/**
 * An empty table that says: columns and text index are those of the documents. A version that does not keep them, the one before this,
 * drops it when it opens the file: it drops every unknown table of this prefix.
 */
export function keptMarkName(rules: CollectionRules): string {
  return `w_${rules.spec.name}_${shortHash(JSON.stringify(['kept', rules.columns, searchHash(rules)]))}`;
}

function searchHash(rules: CollectionRules): string {
  return shortHash(JSON.stringify(['fts', rules.spec.search ?? null]));
}

function shortHash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 12);
}
