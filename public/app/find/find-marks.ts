import type { Hit } from './find-hits.ts';
import { blockEnd, rangesIn } from './fold-text.ts';

const texts = '.bubble, .answer-text > .md';
/** Words on the page that are not words of the message. */
const foreign = '.md-code-header, .md-host, .md-invisible, .md-formula, .md-formula-source, .md-check, .visually-hidden, .ui-icon';
const blocks = 'p, li, h1, h2, h3, h4, h5, h6, td, th, pre, .md-text, .bubble';
const all = 'find';
const current = 'find-current';

interface Piece {
  readonly node: Text;
  /** Where it begins in the joined text. */
  readonly from: number;
}

/** The words of a message on the page, joined as `readableText` joins them, with the nodes that they stand in. */
function piecesOf(root: Element): { readonly text: string; readonly pieces: readonly Piece[] } {
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT, (node) =>
    node.parentElement?.closest(foreign) ? NodeFilter.FILTER_REJECT : NodeFilter.FILTER_ACCEPT,
  );
  const pieces: Piece[] = [];
  let text = '';
  let block: Element | null = null;
  for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
    if (!(node instanceof Text)) continue;
    const own = node.parentElement?.closest(blocks) ?? null;
    if (own !== block && text !== '') text += blockEnd;
    block = own;
    pieces.push({ node, from: text.length });
    text += node.data;
  }
  return { text, pieces };
}

function rangeOf(pieces: readonly Piece[], from: number, to: number): Range | null {
  const holding = (place: number) => pieces.findLast((piece) => piece.from <= place);
  const [start, end] = [holding(from), holding(to - 1)];
  if (start === undefined || end === undefined) return null;
  const range = new Range();
  range.setStart(start.node, from - start.from);
  range.setEnd(end.node, Math.min(to - end.from, end.node.length));
  return range;
}

/** Marks a folded query in the messages that are on the page. @returns the range of the hit that is shown, if it is there */
export function markHits(list: ParentNode, query: string, shown: Hit | null): Range | null {
  const found: Range[] = [];
  let here: Range | null = null;
  for (const item of list.querySelectorAll<HTMLElement>('.flow-item')) {
    const own = [...item.querySelectorAll(texts)].flatMap((root) => {
      const { text, pieces } = piecesOf(root);
      return rangesIn(text, query).flatMap(({ from, to }) => rangeOf(pieces, from, to) ?? []);
    });
    found.push(...own);
    if (item.dataset['message'] === shown?.messageId) here = own[shown?.nth ?? 0] ?? own.at(-1) ?? null;
  }
  if ('highlights' in CSS) {
    CSS.highlights.set(all, new Highlight(...found));
    CSS.highlights.set(current, new Highlight(...(here === null ? [] : [here])));
  }
  return here;
}

export function clearMarks(): void {
  if (!('highlights' in CSS)) return;
  CSS.highlights.delete(all);
  CSS.highlights.delete(current);
}

/** Brings a range into the middle of the window, unless it is in sight. */
export function scrollToRange(scroller: HTMLElement, range: Range): void {
  const box = scroller.getBoundingClientRect();
  const place = range.getBoundingClientRect();
  const margin = 72;
  if (place.top >= box.top + margin && place.bottom <= box.bottom - margin) return;
  scroller.scrollTop += place.top - box.top - box.height / 2;
}
