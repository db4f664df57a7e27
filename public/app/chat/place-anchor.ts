/** Keeps what is read in its place while heights above it change. */
export interface PlaceAnchor {
  /** Remembers what stands in the window. Call where the layout is up to date, as in a scroll event. */
  take(): void;
  /** Remembers this element as what is read. */
  takeElement(element: Element): void;
  /** Moves the window so that what was remembered stands where it stood. Reads the layout. */
  restore(): void;
  forget(): void;
}

interface Held {
  readonly element: Element;
  /** From the upper edge of the window, in px. */
  readonly offset: number;
}

/** Blocks of a message: what is remembered is one of these. */
const blocks = '.md > :not(.md-group), .md-group > *, .bubble, .message-actions, .picture, .job';
/**
 * Where it is looked for, as shares of the window. Not at the edge: what comes into sight there gets its height only then.
 * Where the column is empty in one place, in the next it is not.
 */
const probes = [0.5, 0.46, 0.42, 0.38, 0.34, 0.26, 0.18, 0.1, 0.02] as const;

/** @param onMoved is told the new place of the window after a move */
export function createPlaceAnchor(scroller: HTMLElement, content: HTMLElement, onMoved: (top: number) => void): PlaceAnchor {
  let held: readonly Held[] = [];
  /** Where the window was when that was remembered. */
  let heldTop = 0;

  function hold(elements: readonly Element[], edge: number): void {
    held = elements.map((element) => ({ element, offset: topOf(element, edge) }));
    heldTop = scroller.scrollTop;
  }

  const topOf = (element: Element, edge: number) => element.getBoundingClientRect().top - edge;

  /** As long as a block is in sight it is kept: what was seen before has its height. */
  function isInSight(element: Element | undefined, box: DOMRect): boolean {
    if (element?.isConnected !== true || !element.matches(blocks)) return false;
    const top = topOf(element, box.top);
    return top >= 0 && top < box.height;
  }

  function take(): void {
    const box = scroller.getBoundingClientRect();
    if (isInSight(held[0]?.element, box)) {
      hold(
        held.map(({ element }) => element),
        box.top,
      );
      return;
    }
    const middle = box.left + box.width / 2;
    let whole: Element | null = null;
    for (const probe of probes) {
      const hit = document.elementFromPoint(middle, box.top + probe * box.height);
      if (hit === null || !content.contains(hit)) continue;
      const item = hit.closest('.flow-item');
      whole ??= item;
      const block = hit.closest(blocks);
      if (block === null) continue;
      // The message is held too: a block that is drawn anew is another element.
      hold(item === null ? [block] : [block, item], box.top);
      return;
    }
    // The beginning of a message may be far above, and what lies between may grow: only where there is nothing better.
    if (whole !== null) hold([whole], box.top);
    else held = [];
  }

  return {
    take,
    takeElement(element) {
      hold([element], scroller.getBoundingClientRect().top);
    },
    restore() {
      // A block that was drawn anew meanwhile is gone; its message is not.
      const anchor = held.find(({ element }) => element.isConnected);
      if (anchor === undefined) return;
      // A scroll that nobody was told of yet is not to be undone.
      const scrolled = scroller.scrollTop - heldTop;
      const moved = topOf(anchor.element, scroller.getBoundingClientRect().top) - (anchor.offset - scrolled);
      if (Math.abs(moved) >= 0.5) {
        scroller.scrollTop += moved;
        onMoved(scroller.scrollTop - scrolled);
      }
      held = held.map(({ element, offset }) => ({ element, offset: offset - scrolled }));
      heldTop = scroller.scrollTop;
    },
    forget() {
      held = [];
    },
  };
}
