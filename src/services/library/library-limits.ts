import { AppError } from '../../lib/app-error.ts';

/** A list of a person is full. */
export function tooMany(limit: number): AppError {
  return new AppError('BAD_REQUEST', {
    message: `There are ${limit} already. Remove one first.`,
    params: { reason: 'too_many', limit },
  });
}
