import type { Readable } from 'node:stream';
import type { Json } from './json-fields.ts';
import { fault, SseFramer } from './sse-framer.ts';

export interface EventTaker {
  /** Called for each event in order, all those of one read in a row. @returns false when no more are wanted: the body is given up then */
  take(event: Json): boolean;
  /** Asked after each read. @returns a promise while there is no room: nothing is read until it resolves */
  room(): Promise<unknown> | undefined;
}

/**
 * Reads the events of a body as they arrive, without a promise or a timer for each. A body that breaks ends with an error event, behind
 * everything that arrived.
 * @returns when the body ended, broke, or no more was wanted; rejects only with what `take` throws
 */
export function readEvents(body: Readable, { take, room }: EventTaker): Promise<void> {
  const framer = new SseFramer();
  return new Promise((resolve, reject) => {
    let over = false;
    const finish = (): void => {
      over = true;
      resolve();
    };
    const leave = (): void => {
      finish();
      body.destroy();
    };
    const give = (events: readonly Json[]): void => {
      try {
        for (const event of events) {
          if (over || take(event)) continue;
          leave();
        }
      } catch (error) {
        reject(error);
        leave();
      }
    };
    const end = (broken: boolean): void => {
      if (over) return;
      const rest = framer.flush();
      give(broken && !rest.some((event) => 'error' in event) ? [...rest, fault('STREAM_CUT')] : rest);
      finish();
    };
    body.on('data', (bytes: Buffer) => {
      if (over) return;
      give(framer.push(bytes));
      const wait = over ? undefined : room();
      if (wait === undefined) return;
      body.pause();
      wait.then(() => body.resume(), leave);
    });
    body.on('error', () => {});
    body.once('end', () => end(false));
    body.once('close', () => end(true));
    if (body.destroyed) end(true);
  });
}
