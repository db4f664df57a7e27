import type { z } from 'zod';
import { AppError } from '../lib/app-error.ts';

/** What a field is called in a sentence. */
const fieldWords: ReadonlyMap<string, string> = new Map([
  ['name', 'The name (1 to 80 characters)'],
  ['email', 'The e-mail address'],
  ['password', 'The password'],
  ['current', 'The current password'],
  ['next', 'The new password'],
  ['title', 'The title (1 to 200 characters)'],
  ['q', 'The search (at most 256 characters)'],
  ['systemInstruction', 'The system instruction (at most 8192 characters)'],
  ['temperature', 'The temperature (0 to 2)'],
]);
const passwordFields: ReadonlySet<string> = new Set(['password', 'current', 'next']);

/**
 * Parses what a command was given with a schema of the protocol.
 * @throws AppError BAD_REQUEST or PASSWORD_TOO_LONG that names the field, never the value
 */
export function readBody<T>(schema: z.ZodType<T>, value: unknown): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const field = String(issue?.path[0] ?? 'arguments');
  if (issue?.code === 'too_big' && passwordFields.has(field)) throw new AppError('PASSWORD_TOO_LONG', { params: { field } });
  throw new AppError('BAD_REQUEST', { message: `${fieldWords.get(field) ?? 'A value'} is not valid.`, params: { field } });
}
