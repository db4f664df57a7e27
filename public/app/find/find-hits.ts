import type { Message } from '../../../src/protocol/shapes.ts';
import { hitsIn } from './readable-text.ts';

export interface Hit {
  readonly messageId: string;
  /** Which of those in the message, from 0. */
  readonly nth: number;
}

/** More than these are not counted: nobody walks through them. */
export const mostHits = 2000;
/** So long at a time: a search through a long conversation must not stop the typing. */
const sliceMs = 8;

export interface FindDeps {
  readonly ids: readonly string[];
  readonly message: (id: string) => Message | undefined;
  readonly now: () => number;
  /** Lets the page breathe. */
  readonly pause: () => Promise<void>;
  readonly signal: AbortSignal;
}

/** All places of a folded query in a branch, oldest first. The newest messages are looked through first, and win where there are too many. */
export async function findHits(query: string, { ids, message, now, pause, signal }: FindDeps): Promise<readonly Hit[]> {
  const found: Hit[] = [];
  let begun = now();
  for (let index = ids.length - 1; index >= 0 && query !== '' && found.length < mostHits; index -= 1) {
    const id = ids[index] ?? '';
    const one = message(id);
    const count = one === undefined ? 0 : hitsIn(one, query);
    for (let nth = count - 1; nth >= 0; nth -= 1) found.push({ messageId: id, nth });
    if (now() - begun < sliceMs) continue;
    await pause();
    if (signal.aborted) return [];
    begun = now();
  }
  return found.slice(0, mostHits).reverse();
}

/** The place to go to: the one that was shown before if it is still one, else the newest. -1 for none. */
export function placeOf(hits: readonly Hit[], shown: Hit | null): number {
  const same = shown === null ? -1 : hits.findIndex((hit) => hit.messageId === shown.messageId && hit.nth === shown.nth);
  return same >= 0 ? same : hits.length - 1;
}
