import { useLayoutEffect, useRef } from 'preact/hooks';

/** UTF-16 units of one piece, more or less: only the last piece is laid out anew when more comes, and those out of sight not at all. */
const pieceLength = 8000;

interface Piece {
  readonly element: HTMLElement;
  readonly text: Text;
  lines: number;
}

/** Code that is still being written, or is long: pieces of whole lines, of which the last one grows, so each token costs the same however long the block is. */
export function GrowingCode({ text }: { readonly text: string }) {
  const host = useRef<HTMLElement>(null);
  const grown = useRef<{ text: string; readonly tail: Piece } | null>(null);
  useLayoutEffect(() => {
    if (host.current === null) return;
    const { current } = grown;
    const goesOn = current !== null && text.startsWith(current.text);
    if (!goesOn) host.current.replaceChildren();
    const tail = goesOn ? current.tail : addPiece(host.current);
    grown.current = { text, tail: grow(host.current, tail, goesOn ? text.slice(current.text.length) : text) };
  }, [text]);
  return <code ref={host} dir="ltr" />;
}

function addPiece(host: HTMLElement): Piece {
  const element = document.createElement('span');
  const text = document.createTextNode('');
  element.className = 'md-code-piece';
  element.append(text);
  host.append(element);
  return { element, text, lines: 0 };
}

/** @returns the piece that grows next */
function grow(host: HTMLElement, tail: Piece, more: string): Piece {
  let last = tail;
  let from = 0;
  for (;;) {
    // A piece ends with a line: a line of its own is no piece.
    const end = more.indexOf('\n', Math.max(from, from + pieceLength - last.text.length)) + 1;
    if (end === 0) break;
    append(last, more.slice(from, end));
    last = addPiece(host);
    from = end;
  }
  append(last, more.slice(from));
  return last;
}

/** Code is not wrapped, so its height is known before it was ever laid out. */
function append(piece: Piece, more: string): void {
  piece.text.appendData(more);
  for (let at = more.indexOf('\n'); at >= 0; at = more.indexOf('\n', at + 1)) piece.lines += 1;
  const begun = piece.text.data.endsWith('\n') || piece.text.length === 0 ? 0 : 1;
  piece.element.style.setProperty('--lines', String(piece.lines + begun));
}
