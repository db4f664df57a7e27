import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Response } from 'express';
import type { Clock } from '../../lib/clock.ts';

/** A download whose reader takes nothing for this long is ended. */
const stalledMs = 30_000;

/** Sends text as it is made, no faster than it is taken; a reader that goes away ends the making. */
export async function sendPieces(response: Response, pieces: AsyncGenerator<string>, clock: Clock): Promise<void> {
  // What fails before the first piece is still an answer with a code.
  const first = await pieces.next();
  let stopTimer = () => {};
  async function* watched(): AsyncGenerator<string> {
    for (let next = first; next.done !== true; next = await pieces.next()) {
      stopTimer();
      stopTimer = clock.after(stalledMs, () => response.destroy());
      yield next.value;
    }
    stopTimer();
  }
  try {
    if (response.req.method === 'HEAD') response.end();
    else await pipeline(Readable.from(watched(), { highWaterMark: 1 }), response);
  } catch (error) {
    // A reader that goes away in the middle is not an error of ours; the pipeline has destroyed both ends.
    if (!response.headersSent) throw error;
  } finally {
    stopTimer();
    await pieces.return(undefined);
  }
}
