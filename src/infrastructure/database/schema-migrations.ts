import type { JsonObject } from './document-rules.ts';

/**
 * One step of the stored documents' shape. On SQLite it runs in one transaction with all other pending steps. On MongoDB it
 * runs while the version before may still write for a minute: that version has to be able to read what it makes, and this
 * one has to read what that version still writes.
 */
export interface Migration {
  /** Schema version of the data afterwards: one more than that of the step before. */
  readonly to: number;
  /** For the log: what changes, in a few words without data. */
  readonly describe: string;
  /**
   * By collection: the document as the new version keeps it, or null when nothing changes. The id stays. Applied to what it
   * made itself it has to answer null: on MongoDB a step that broke in the middle goes on, and may meet a document twice.
   */
  readonly run: Readonly<Record<string, (document: Readonly<JsonObject>) => JsonObject | null>>;
}

/** In order, from schema 2 on. A step that was released never changes; `test/contract/released-stores.test.ts` needs one line for each. */
export const schemaMigrations: readonly Migration[] = [];

/** The data was written by a version that this one does not know. */
export class NewerSchemaError extends Error {
  override readonly name = 'NewerSchemaError';

  constructor(found: number, newest: number) {
    super(`was written by a newer version (schema ${found}, this one knows ${newest}): start that version`);
  }
}

/** @returns the version that a store has when all steps are done. @throws Error for steps that are out of order */
export function newestSchema(migrations: readonly Migration[]): number {
  for (const [at, { to }] of migrations.entries()) {
    if (to !== at + 2) throw new Error(`migration ${at + 1} leads to schema ${to} instead of ${at + 2}`);
  }
  return migrations.length + 1;
}

/** What has to run on data of schema `found`. @throws NewerSchemaError */
export function pendingMigrations(migrations: readonly Migration[], found: number): readonly Migration[] {
  const newest = newestSchema(migrations);
  if (found > newest) throw new NewerSchemaError(found, newest);
  return migrations.filter(({ to }) => to > found);
}

/** A document of an older backup as this version keeps it. */
export function migratedDocument<T extends Readonly<JsonObject>>(
  pending: readonly Migration[],
  collection: string,
  document: T,
): JsonObject | T {
  return pending.reduce<JsonObject | T>((now, { run }) => run[collection]?.(now) ?? now, document);
}
