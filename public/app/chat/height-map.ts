/**
 * Where messages lie in a column of which only a part is on the page: measured heights where a message was seen, and the mean of
 * those for the others. All numbers are CSS pixels from the beginning of the column.
 */
export interface HeightMap {
  /** The column now holds these, top to bottom. */
  setKeys(keys: readonly string[]): void;
  /** Room between two neighbours. */
  setGap(gap: number): void;
  /** @returns whether that is news */
  measured(key: string, height: number): boolean;
  offsetOf(index: number): number;
  heightOf(index: number): number;
  /** The message at a place; the first or last one for places outside. */
  indexAt(offset: number): number;
  /** Room that the messages from..to-1 take, with the gaps between them. */
  extent(from: number, to: number): number;
}

/** What a turn takes before any was measured. */
const guessed = 180;

export function createHeightMap(): HeightMap {
  const heights = new Map<string, number>();
  let keys: readonly string[] = [];
  let gap = 0;
  let sum = 0;
  /** offsets[i] is where message i begins; stale from `valid` on. */
  let offsets: number[] = [0];
  let valid = 0;

  const mean = () => (heights.size === 0 ? guessed : sum / heights.size);
  const heightAt = (index: number, unknown: number) => heights.get(keys[index] ?? '') ?? unknown;

  function validate(): void {
    if (valid >= keys.length) return;
    const unknown = mean();
    for (let index = valid; index < keys.length; index += 1) {
      offsets[index + 1] = (offsets[index] ?? 0) + heightAt(index, unknown) + gap;
    }
    valid = keys.length;
  }

  const offsetOf = (index: number) => {
    validate();
    return offsets[Math.max(0, Math.min(index, keys.length))] ?? 0;
  };

  return {
    setKeys(next) {
      if (next === keys) return;
      keys = next;
      offsets = [0];
      valid = 0;
    },
    setGap(next) {
      if (next === gap) return;
      gap = next;
      valid = 0;
    },
    measured(key, height) {
      const old = heights.get(key);
      if (old === height) return false;
      sum += height - (old ?? 0);
      heights.set(key, height);
      valid = 0;
      return true;
    },
    offsetOf,
    heightOf: (index) => heightAt(index, mean()),
    indexAt(offset) {
      validate();
      let low = 0;
      let high = keys.length - 1;
      while (low < high) {
        const middle = (low + high + 1) >> 1;
        if ((offsets[middle] ?? 0) <= offset) low = middle;
        else high = middle - 1;
      }
      return Math.max(0, low);
    },
    extent: (from, to) => (to <= from ? 0 : offsetOf(to) - offsetOf(from) - gap),
  };
}
