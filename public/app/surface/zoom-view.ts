/** How a picture lies in its window: `scale` 1 fits it, `x` and `y` move it from the middle, in CSS pixels. */
export interface ZoomView {
  readonly scale: number;
  readonly x: number;
  readonly y: number;
}

export interface Point {
  readonly x: number;
  readonly y: number;
}

export const fitted: ZoomView = { scale: 1, x: 0, y: 0 };
const least = 1;
const most = 8;

/**
 * Zooms so that what lies under a point stays there.
 * @param at from the middle of the window
 */
export function zoomAt(view: ZoomView, factor: number, at: Point = { x: 0, y: 0 }): ZoomView {
  const scale = Math.min(most, Math.max(least, view.scale * factor));
  if (scale === least) return fitted;
  const ratio = scale / view.scale;
  return { scale, x: at.x - (at.x - view.x) * ratio, y: at.y - (at.y - view.y) * ratio };
}

/** Moves it, never so far that less than half of the window shows it. */
export function moveBy(view: ZoomView, by: Point, window: { readonly width: number; readonly height: number }): ZoomView {
  if (view.scale === least) return fitted;
  const reach = (size: number) => (size * view.scale) / 2;
  const within = (value: number, size: number) => Math.min(reach(size), Math.max(-reach(size), value));
  return { scale: view.scale, x: within(view.x + by.x, window.width), y: within(view.y + by.y, window.height) };
}

export const distance = (a: Point, b: Point): number => Math.hypot(a.x - b.x, a.y - b.y);

export const between = (a: Point, b: Point): Point => ({ x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 });
