/** Stretches `[from, to)` of a text in UTF-16 units, in order. */
export type Ranges = readonly (readonly [number, number])[];

/**
 * Marks of Markdown that no sentence holds by itself: strong, struck, code, a fence, a heading. The lines of a snippet are joined, so a
 * heading may stand in its middle; a single # there may be a word.
 */
const marks = /\*\*|__|~~|`{1,3}|(?<=^|\n)#{1,6} |(?<=\s)#{2,6} /g;

/** A piece of Markdown in a line that shows none, without its marks. The ranges go along with their words. */
export function plainSnippet(text: string, ranges: Ranges): { readonly text: string; readonly ranges: Ranges } {
  const cut = [...text.matchAll(marks)].map(({ 0: mark, index }) => ({ from: index, to: index + mark.length }));
  const moved = (place: number) => place - cut.reduce((sum, { from, to }) => sum + Math.max(0, Math.min(place, to) - from), 0);
  return { text: text.replaceAll(marks, ''), ranges: ranges.map(([from, to]) => [moved(from), moved(to)] as const) };
}
