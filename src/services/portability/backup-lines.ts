import { z } from 'zod';

/** The lines of a backup of the whole instance, version 1. */
export const backupVersion = 1;
export const backupWarning =
  'Everything of everybody: conversations, pictures, addresses and password hashes. Keep this file like a password.';

/** Nobody stays signed in through a restore, so the rows of sessions are left out. */
const leftOut: ReadonlySet<string> = new Set(['sessions']);

/**
 * What names others is read before them, so that a backup of a running server may hold a message too many, but never a
 * conversation without its messages, a message without its picture.
 */
const readLast = ['messages', 'fileReferences', 'files'];

export function collectionsInBackup(names: readonly string[]): string[] {
  const all = names.filter((name) => !leftOut.has(name));
  return [...all.filter((name) => !readLast.includes(name)), ...readLast.filter((name) => all.includes(name))];
}

const count = z.number().int().nonnegative();
const backupLineSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('jarvis-argus.instance'), version: z.number().int(), schema: z.number().int(), exportedAt: z.string() }),
  z.object({ type: z.literal('document'), collection: z.string().min(1), document: z.looseObject({ id: z.string().min(1) }) }),
  z.object({ type: z.literal('blob'), key: z.string().min(1).max(200), size: count }),
  z.object({ type: z.literal('blob.data'), key: z.string(), offset: count, data: z.base64() }),
  z.object({ type: z.literal('end'), counts: z.record(z.string(), count), sha256: z.string() }),
]);
export type BackupLine = z.infer<typeof backupLineSchema>;

/** @returns null for a line that is none of a backup */
export function backupLineFrom(text: string): BackupLine | null {
  try {
    return backupLineSchema.safeParse(JSON.parse(text)).data ?? null;
  } catch {
    return null;
  }
}
