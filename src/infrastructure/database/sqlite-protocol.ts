import type { CollectionSpec, Scalar } from '../../lib/document-store.ts';
import type { CleanChange, JsonObject } from './document-rules.ts';
import type { FindPlan, SearchPlan } from './find-plan.ts';

/** What the main thread and the SQLite worker say to each other. Documents travel as JSON text: the cheapest thing to copy. */

export interface SqliteWorkerData {
  readonly file: string;
  readonly collections: readonly CollectionSpec[];
}

export type SqliteOperation =
  | {
      readonly type: 'insert' | 'put' | 'insertIfAbsent';
      readonly collection: string;
      readonly id: string;
      readonly json: string;
      /** Values of the collection's columns, in their order. */
      readonly columns: readonly SqlValue[];
      /** Tokens for the text index, null: nothing of it is searched. */
      readonly search: string | null;
    }
  | { readonly type: 'update'; readonly collection: string; readonly id: string; readonly change: CleanChange }
  | { readonly type: 'delete'; readonly collection: string; readonly id: string; readonly expect: CleanChange['expect'] };

export type SqliteCall =
  | { readonly kind: 'apply'; readonly operation: SqliteOperation }
  | { readonly kind: 'batch'; readonly operations: readonly SqliteOperation[] }
  | { readonly kind: 'deleteMany'; readonly collection: string; readonly plan: FindPlan }
  | { readonly kind: 'scan'; readonly collection: string; readonly after: string; readonly limit: number }
  | { readonly kind: 'get'; readonly collection: string; readonly ids: readonly string[] }
  | { readonly kind: 'find'; readonly collection: string; readonly plan: FindPlan }
  | { readonly kind: 'count'; readonly collection: string; readonly plan: FindPlan }
  | { readonly kind: 'search'; readonly collection: string; readonly plan: SearchPlan };

export interface SqliteRequest {
  readonly id: number;
  readonly call: SqliteCall;
}

export type ToSqliteWorker =
  | { readonly type: 'requests'; readonly requests: readonly SqliteRequest[] }
  /** To a thread that began before it was known which store it is for. */
  | { readonly type: 'open'; readonly data: SqliteWorkerData }
  | { readonly type: 'close' };

/** `true`/`false` for a delete, JSON text or null for an update, texts for what is read, a number for what is counted. */
export type SqliteValue = null | boolean | number | string | readonly string[];

export type SqliteFault =
  | { readonly name: 'unique'; readonly collection: string; readonly index: string }
  | { readonly name: 'expectation'; readonly collection: string; readonly id: string }
  | { readonly name: 'query' | 'unavailable' | 'locked'; readonly message: string };

export type SqliteReply =
  | { readonly id: number; readonly ok: true; readonly value: SqliteValue }
  | { readonly id: number; readonly ok: false; readonly fault: SqliteFault };

export type FromSqliteWorker =
  | { readonly type: 'opened'; readonly cursorKey: string }
  | { readonly type: 'refused'; readonly fault: SqliteFault }
  | { readonly type: 'note'; readonly text: string }
  | { readonly type: 'replies'; readonly replies: readonly SqliteReply[] };

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
