import { type Bounds, boundsOf, type Quad } from './geometry.ts';

/** A piece of text with its place. */
export interface PlacedText {
  readonly quad: Quad;
  readonly text: string;
  readonly score: number;
}

interface Piece extends PlacedText {
  readonly bounds: Bounds;
}

/** Above this many line heights an empty strip separates columns, or paragraphs. */
const columnGap = 1;
const paragraphGap = 0.9;

/**
 * The order in which a person reads: columns from left to right, in each of them paragraphs from top to bottom, by
 * cutting along empty strips (recursive XY cut, Nagy and Seth 1984).
 * @returns paragraphs of lines of pieces
 */
export function inReadingOrder(texts: readonly PlacedText[]): PlacedText[][][] {
  const pieces = texts.map((text): Piece => ({ ...text, bounds: boundsOf(text.quad) }));
  const heights = pieces.map(({ bounds }) => bounds.bottom - bounds.top).sort((a, b) => a - b);
  const height = heights[Math.floor(heights.length / 2)] ?? 0;
  return blocksIn(pieces, height).map((block) => linesIn(block));
}

function blocksIn(pieces: readonly Piece[], height: number): Piece[][] {
  if (pieces.length < 2) return pieces.length === 0 ? [] : [[...pieces]];
  const columns = cut(pieces, ({ left, right }) => [left, right], columnGap * height);
  // One line with wide gaps is no set of columns.
  if (columns.length > 1 && columns.filter((column) => linesIn(column).length > 1).length > 1) {
    return columns.flatMap((column) => blocksIn(column, height));
  }
  const rows = cut(pieces, ({ top, bottom }) => [top, bottom], paragraphGap * height);
  if (rows.length > 1) return rows.flatMap((row) => blocksIn(row, height));
  return [[...pieces]];
}

/** Splits where a strip of at least `gap` holds nothing. */
function cut(pieces: readonly Piece[], span: (bounds: Bounds) => readonly [number, number], gap: number): Piece[][] {
  const sorted = [...pieces].sort((a, b) => span(a.bounds)[0] - span(b.bounds)[0]);
  const groups: Piece[][] = [];
  let end = -Infinity;
  for (const piece of sorted) {
    const [from, to] = span(piece.bounds);
    if (from - end >= gap) groups.push([]);
    groups.at(-1)?.push(piece);
    end = Math.max(end, to);
  }
  return groups;
}

/** Pieces whose heights overlap by half stand in one line. */
function linesIn(pieces: readonly Piece[]): Piece[][] {
  const lines: { top: number; bottom: number; readonly pieces: Piece[] }[] = [];
  for (const piece of [...pieces].sort((a, b) => middle(a) - middle(b))) {
    const { top, bottom } = piece.bounds;
    const line = lines.find((known) => {
      const shared = Math.min(bottom, known.bottom) - Math.max(top, known.top);
      return shared > 0.5 * Math.min(bottom - top, known.bottom - known.top);
    });
    if (line === undefined) lines.push({ top, bottom, pieces: [piece] });
    else line.pieces.push(piece);
  }
  return lines.map((line) => line.pieces.sort((a, b) => a.bounds.left - b.bounds.left));
}

function middle({ bounds }: Piece): number {
  return (bounds.top + bounds.bottom) / 2;
}

/** Lines under each other, a blank line between paragraphs. */
export function plainText(paragraphs: readonly (readonly (readonly PlacedText[])[])[]): string {
  return paragraphs.map((lines) => lines.map((pieces) => pieces.map(({ text }) => text).join(' ')).join('\n')).join('\n\n');
}
