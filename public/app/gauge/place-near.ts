const gapPx = 8;
const marginPx = 8;

export interface Anchor {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/** Places an element of the top layer above its anchor, or below it, with their middles over each other and never outside the window. */
export function placeNear(element: HTMLElement, anchor: Anchor, side: 'above' | 'below'): void {
  const { width, height } = element.getBoundingClientRect();
  const above = anchor.top - gapPx - height;
  const below = anchor.bottom + gapPx;
  const fitsAbove = above >= marginPx;
  const fitsBelow = below + height + marginPx <= window.innerHeight;
  const top = side === 'above' ? (fitsAbove ? above : below) : fitsBelow ? below : above;
  const left = (anchor.left + anchor.right - width) / 2;
  element.style.left = `${Math.max(marginPx, Math.min(left, window.innerWidth - width - marginPx))}px`;
  element.style.top = `${Math.max(marginPx, Math.min(top, window.innerHeight - height - marginPx))}px`;
}
