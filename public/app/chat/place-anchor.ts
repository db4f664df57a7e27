/** Keeps what is read in its place while heights above it change. */
export interface PlaceAnchor {
  /** Remembers what stands at the upper edge of the window. Call where the layout is up to date, as in a scroll event. */
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

/** Blocks of a message, the message itself: the closest of these to the edge is what is held. */
const holders = ['.md > *, .bubble, .message-actions, .picture, .job', '.flow-item'] as const;
/** Where the middle of the column is empty at the edge, the next place further down is not. */
const probes = [1, 24, 60, 140] as const;

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

  function take(): void {
    const box = scroller.getBoundingClientRect();
    const middle = box.left + box.width / 2;
    for (const probe of probes) {
      const hit = document.elementFromPoint(middle, box.top + probe);
      if (hit === null || !content.contains(hit)) continue;
      const elements = holders.flatMap((selector) => hit.closest(selector) ?? []);
      if (elements.length === 0) continue;
      hold(elements, box.top);
      return;
    }
    held = [];
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
