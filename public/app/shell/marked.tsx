import type { VNode } from 'preact';

export interface MarkedProps {
  readonly text: string;
  /** Stretches `[from, to)` in UTF-16 units, in order. Those that do not fit the text are left out. */
  readonly ranges?: readonly (readonly [number, number])[] | undefined;
}

/** A text with the words in it that were asked for. */
export function Marked({ text, ranges = [] }: MarkedProps) {
  const pieces: (string | VNode)[] = [];
  let at = 0;
  for (const [from, to] of ranges) {
    if (from < at || to <= from || to > text.length) continue;
    pieces.push(text.slice(at, from), <mark key={from}>{text.slice(from, to)}</mark>);
    at = to;
  }
  return (
    <>
      {pieces}
      {text.slice(at)}
    </>
  );
}
