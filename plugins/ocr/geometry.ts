/** In pixels; x to the right, y down. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

/** A rectangle at any angle: its corners clockwise from the top left, as the text inside is read. */
export type Quad = readonly [Point, Point, Point, Point];

/** A rectangle by its centre, its sides and the direction of the first of them. */
export interface TurnedRect {
  readonly centre: Point;
  readonly along: number;
  readonly across: number;
  /** Unit vector of `along`. */
  readonly direction: Point;
}

export function distance(a: Point, b: Point): number {
  return Math.hypot(a.x - b.x, a.y - b.y);
}

/** The convex hull, by Andrew's monotone chain; a point on an edge is left out. */
export function convexHull(points: readonly Point[]): Point[] {
  const sorted = [...points].sort((a, b) => a.x - b.x || a.y - b.y);
  const half = (ordered: readonly Point[]): Point[] => {
    const chain: Point[] = [];
    for (const point of ordered) {
      while (chain.length >= 2 && turn(chain.at(-2), chain.at(-1), point) <= 0) chain.pop();
      chain.push(point);
    }
    return chain.slice(0, -1);
  };
  const hull = [...half(sorted), ...half(sorted.reverse())];
  return hull.length === 0 ? sorted.slice(0, 1) : hull;
}

function turn(a: Point | undefined, b: Point | undefined, c: Point): number {
  if (a === undefined || b === undefined) return 0;
  return (b.x - a.x) * (c.y - a.y) - (b.y - a.y) * (c.x - a.x);
}

/** The smallest rectangle around a convex hull: one of its sides lies on an edge of the hull. */
export function smallestRect(hull: readonly Point[]): TurnedRect {
  let best: TurnedRect | undefined;
  hull.forEach((from, index) => {
    const to = hull[(index + 1) % hull.length] ?? from;
    const length = distance(from, to);
    const direction = length === 0 ? { x: 1, y: 0 } : { x: (to.x - from.x) / length, y: (to.y - from.y) / length };
    const rect = rectAlong(hull, direction);
    if (best === undefined || rect.along * rect.across < best.along * best.across) best = rect;
  });
  return best ?? { centre: { x: 0, y: 0 }, along: 0, across: 0, direction: { x: 1, y: 0 } };
}

function rectAlong(hull: readonly Point[], direction: Point): TurnedRect {
  let [minAlong, maxAlong, minAcross, maxAcross] = [Infinity, -Infinity, Infinity, -Infinity];
  for (const { x, y } of hull) {
    const along = x * direction.x + y * direction.y;
    const across = y * direction.x - x * direction.y;
    minAlong = Math.min(minAlong, along);
    maxAlong = Math.max(maxAlong, along);
    minAcross = Math.min(minAcross, across);
    maxAcross = Math.max(maxAcross, across);
  }
  const middle = { along: (minAlong + maxAlong) / 2, across: (minAcross + maxAcross) / 2 };
  const centre = {
    x: middle.along * direction.x - middle.across * direction.y,
    y: middle.along * direction.y + middle.across * direction.x,
  };
  return { centre, along: maxAlong - minAlong, across: maxAcross - minAcross, direction };
}

/** The corners, clockwise, beginning with the one that is the top left where the text leans less than 45 degrees. */
export function cornersOf({ centre, along, across, direction }: TurnedRect): Quad {
  const corner = (a: number, b: number): Point => ({
    x: centre.x + a * direction.x - b * direction.y,
    y: centre.y + a * direction.y + b * direction.x,
  });
  const [w, h] = [along / 2, across / 2];
  const ring = [corner(-w, -h), corner(w, -h), corner(w, h), corner(-w, h)];
  const first = ring.reduce((best, { x, y }, index) => (x + y < sumAt(ring, best) - 1e-9 ? index : best), 0);
  const at = (offset: number): Point => ring[(first + offset) % 4] ?? centre;
  return [at(0), at(1), at(2), at(3)];
}

function sumAt(points: readonly Point[], index: number): number {
  const point = points[index];
  return point === undefined ? Infinity : point.x + point.y;
}

export interface Bounds {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

export function boundsOf(quad: Quad): Bounds {
  const xs = quad.map(({ x }) => x);
  const ys = quad.map(({ y }) => y);
  return { left: Math.min(...xs), top: Math.min(...ys), right: Math.max(...xs), bottom: Math.max(...ys) };
}
