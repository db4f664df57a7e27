import type { CollectionSpec, Scalar } from '../../lib/document-store.ts';
import type { CleanChange, JsonObject } from './document-rules.ts';
import type { SearchPlan } from './find-plan.ts';

/**
 * What the main thread and the SQLite worker say to each other. Most of it is tuples, as the names of nested objects cost more to copy
 * than what they hold; documents travel as JSON text.
 */

export interface SqliteWorkerData {
  readonly file: string;
  readonly collections: readonly CollectionSpec[];
}

/** Values of the collection's columns come in their order; `search` are tokens for the text index, null: nothing of it is searched. */
export type SqliteOperation =
  | readonly [
      type: 'insert' | 'put' | 'insertIfAbsent',
      collection: string,
      id: string,
      json: string,
      search: string | null,
      ...columns: SqlValue[],
    ]
  | readonly [type: 'update', collection: string, id: string, change: CleanChange]
  | readonly [type: 'delete', collection: string, id: string, expect: CleanChange['expect']];

/** A statement without its limit, which comes last and is what the phases before it left. */
export type SqliteStatement = readonly [sql: string, ...values: SqlValue[]];
export type SqliteSelect = readonly [limit: number, ...phases: SqliteStatement[]];

export type SqliteCall =
  | readonly ['apply', SqliteOperation]
  | readonly ['batch', readonly SqliteOperation[]]
  | readonly ['deleteMany', collection: string, SqliteSelect]
  | readonly ['scan', collection: string, after: string, limit: number]
  | readonly ['get', collection: string, ...ids: string[]]
  | readonly ['find', SqliteSelect]
  | readonly ['count', SqliteSelect]
  | readonly ['search', collection: string, SearchPlan]
  /** Whether the disk takes writes. */
  | readonly ['probe'];

export type SqliteRequest = readonly [id: number, call: SqliteCall];

export type ToSqliteWorker =
  | readonly SqliteRequest[]
  /** To a thread that began before it was known which store it is for. */
  | { readonly type: 'open'; readonly data: SqliteWorkerData }
  | { readonly type: 'close' };

/** `true`/`false` for a delete, JSON text or null for an update, texts for what is read, a number for what is counted. */
export type SqliteValue = null | boolean | number | string | readonly string[];

export type SqliteFault =
  | { readonly name: 'unique'; readonly collection: string; readonly index: string }
  | { readonly name: 'expectation'; readonly collection: string; readonly id: string }
  | { readonly name: 'query' | 'unavailable' | 'locked'; readonly message: string };

export type SqliteReply = readonly [id: number, value: SqliteValue] | readonly [id: number, value: null, fault: SqliteFault];

/** Of a readonly array `Array.isArray` alone makes an array of anything. */
export function isList<T extends object>(message: T): message is Extract<T, readonly unknown[]> {
  return Array.isArray(message);
}

export type FromSqliteWorker =
  | readonly SqliteReply[]
  | { readonly type: 'opened'; readonly cursorKey: string }
  | { readonly type: 'refused'; readonly fault: SqliteFault }
  | { readonly type: 'note'; readonly text: string };

/** What SQLite binds: a boolean is a blob, so that it equals no number and sorts after texts, as in MongoDB. */
export type SqlValue = string | number | Uint8Array | null;

export function sqlValue(value: Scalar): SqlValue {
  return typeof value === 'boolean' ? Uint8Array.of(value ? 1 : 0) : value;
}

/** What stands in the column of an indexed field: the rules let nothing but scalars into one. */
export function columnValue(document: Readonly<JsonObject>, field: string): SqlValue {
  const value = document[field] ?? null;
  return typeof value === 'object' ? null : sqlValue(value);
}
