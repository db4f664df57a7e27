import { createBreather } from '../../lib/breather.ts';

/**
 * For long loops over pixels: await it in each row or tile. Every few milliseconds it gives the event loop a turn, so that
 * the process hears of a cancel, and then throws the signal's reason when there was one.
 */
export function createPace(signal: AbortSignal | undefined): () => Promise<void> {
  const breathe = createBreather();
  return async () => {
    await breathe();
    signal?.throwIfAborted();
  };
}
