/** Messages first..last of a branch, by their ids, so that the range stays right when older ones come before it. */
export interface MountedRange {
  readonly first: string;
  readonly last: string;
  /** Kept outside of it, because something there would be lost: the focus, a selection, words being written. */
  readonly pinned: ReadonlySet<string>;
}

export interface IndexRange {
  readonly from: number;
  /** Behind the last one. */
  readonly to: number;
}

/** How many of the newest messages are on the page before anything was measured. */
export const firstMounted = 20;
/** The newest ones stay on the page wherever the window is: what streams there is watched by others. */
export const tailMounted = 4;

/** A piece of the column: a message, or the room of those that are not on the page. */
export type Segment = { readonly kind: 'message'; readonly index: number } | ({ readonly kind: 'gap' } & IndexRange);

/** The range as places in the branch as it is now; the newest ones where the range is of another branch. */
export function resolveRange(range: MountedRange | null, places: ReadonlyMap<string, number>, count: number): IndexRange {
  const from = range === null ? undefined : places.get(range.first);
  const last = range === null ? undefined : places.get(range.last);
  if (from === undefined || last === undefined || last < from) return { from: Math.max(0, count - firstMounted), to: count };
  return { from, to: last + 1 };
}

/** What is to be drawn, top to bottom. */
export function segmentsOf(keys: readonly string[], shown: IndexRange, pinned: ReadonlySet<string>): readonly Segment[] {
  const segments: Segment[] = [];
  const tail = keys.length - tailMounted;
  let gap = -1;
  for (const [index, key] of keys.entries()) {
    const mounted = (index >= shown.from && index < shown.to) || index >= tail || pinned.has(key);
    if (!mounted) {
      if (gap < 0) gap = index;
      continue;
    }
    if (gap >= 0) segments.push({ kind: 'gap', from: gap, to: index });
    gap = -1;
    segments.push({ kind: 'message', index });
  }
  return segments;
}

/** Whether a range still serves: it covers what is needed and is not much larger than what would be mounted afresh. */
export function stillServes(now: IndexRange, needed: IndexRange, fresh: IndexRange): boolean {
  const covers = now.from <= needed.from && now.to >= needed.to;
  return covers && now.to - now.from <= 2 * (fresh.to - fresh.from) + firstMounted;
}
