import type Database from 'libsql';
import type { JsonObject } from './document-rules.ts';
import type { SqlValue } from './sqlite-protocol.ts';

/** First column of every row as text. The statement must be in raw mode: libsql's `pluck` does nothing for `get`. */
export function textRows(statement: Database.Statement, ...values: SqlValue[]): string[] {
  return statement.all(...values).map(firstText);
}

export function textRow(statement: Database.Statement, ...values: SqlValue[]): string | null {
  const row = statement.get(...values);
  return row === undefined ? null : firstText(row);
}

function firstText(row: unknown): string {
  const [value]: unknown[] = Array.isArray(row) ? row : [];
  if (typeof value !== 'string') throw new Error('a text column was expected');
  return value;
}

/** A stored document as it was written. */
export function parseDocument(json: string): JsonObject & { readonly id: string } {
  // The store holds nothing but what `cleanDocument` made.
  const document: JsonObject & { readonly id: string } = JSON.parse(json);
  return document;
}
