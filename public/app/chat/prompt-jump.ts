import type { HeightMap } from './height-map.ts';

/** To the own message before (-1) or after (1) what is read. */
export type PromptJump = (direction: -1 | 1) => void;

export interface PromptSearch {
  readonly direction: -1 | 1;
  /** Where the window begins, in px from the beginning of the column. */
  readonly top: number;
  readonly count: number;
  readonly isOwn: (index: number) => boolean;
  readonly heights: Pick<HeightMap, 'offsetOf'>;
}

/** A message that was put at the upper edge stands a little below it. */
const edgePx = 24;

/** The next own message in a direction, null for none. */
export function nextPrompt({ direction, top, count, isOwn, heights }: PromptSearch): number | null {
  if (direction > 0) {
    for (let index = 0; index < count; index += 1) if (isOwn(index) && heights.offsetOf(index) > top + edgePx) return index;
    return null;
  }
  for (let index = count - 1; index >= 0; index -= 1) if (isOwn(index) && heights.offsetOf(index) < top - 1) return index;
  return null;
}
