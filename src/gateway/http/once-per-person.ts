import { AppError } from '../../lib/app-error.ts';

/** @returns runs work unless work of the same key is under way: then RATE_LIMITED */
export function createOncePerPerson(): (key: string, work: () => Promise<void>) => Promise<void> {
  const underWay = new Set<string>();
  return async (key, work) => {
    if (underWay.has(key)) throw new AppError('RATE_LIMITED', { retryAfter: 5, params: { scope: 'portability', seconds: 5 } });
    underWay.add(key);
    try {
      await work();
    } finally {
      underWay.delete(key);
    }
  };
}
