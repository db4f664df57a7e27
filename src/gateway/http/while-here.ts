import type { Response } from 'express';
import { AppError } from '../../lib/app-error.ts';

/** Work that ends when the client hangs up before its answer. @param work gets a signal that is aborted then */
export async function whileHere<T>(response: Response, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const gone = new AbortController();
  const onClose = () => gone.abort(new AppError('BAD_REQUEST', { message: 'The request was cut off.' }));
  response.once('close', onClose);
  try {
    return await work(gone.signal);
  } finally {
    response.off('close', onClose);
  }
}
