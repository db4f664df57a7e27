import { AppError } from '../../lib/app-error.ts';
import type { Words } from './words.ts';

/** What the person can mend, in their language: thrown by a processor or a command, it ends the work as BAD_REQUEST with these words. */
export function refusal({ en, fa, ar }: Words): AppError {
  return new AppError('BAD_REQUEST', { message: en, params: { ...(fa === undefined ? {} : { fa }), ...(ar === undefined ? {} : { ar }) } });
}
