import { boxMean, guidedFilter, type Picture, type Plane, resamplePlane } from '#core';

/** How the border of the person is drawn: `fine` follows hair, `soft` is a gentle transition, `hard` a clean line. */
export type Edge = 'fine' | 'soft' | 'hard';

/** Windows of the guided filter, as a share of the work's longest side. The network sees about 1/256. */
const radiusShare = 1 / 60;
const epsilon = 1e-4;
/** What the filter leaves between the two is spread over 0..1, for a filter never quite gets there. */
const spreads: Readonly<Record<Edge, readonly [number, number]>> = { fine: [0.08, 0.92], soft: [0, 1], hard: [0.42, 0.58] };

/** A share of person around a pixel up to which there is none, and from which the filter alone decides; mirrored for the inside. */
const unsure = [0.02, 0.1] as const;

/**
 * Makes a coarse matte follow the edges of its picture, and only near its own: where everything around is person or
 * nothing is, textures that look alike must not tear holes.
 * @param picture RGB, of any size of the same shape
 * @param coarse 0..1
 * @returns 0..1, of the picture's size
 */
export async function refineMatte(picture: Picture, coarse: Plane, edge: Edge, signal: AbortSignal): Promise<Plane> {
  const radius = Math.max(2, Math.round(Math.max(coarse.width, coarse.height) * radiusShare));
  const guided = await guidedFilter(picture, coarse, { radius, epsilon: edge === 'soft' ? 1e-2 : epsilon, signal });
  const around = await resamplePlane(boxMean(coarse, radius), picture, { kernel: 'bilinear', signal });
  const [low, high] = spreads[edge];
  for (let i = 0; i < guided.data.length; i += 1) {
    const mean = around.data[i] ?? 0;
    const alpha = clipped(((guided.data[i] ?? 0) - low) / (high - low));
    const least = 1 - clipped((1 - mean - unsure[0]) / (unsure[1] - unsure[0]));
    const most = clipped((mean - unsure[0]) / (unsure[1] - unsure[0]));
    guided.data[i] = Math.max(least, Math.min(most, alpha));
  }
  return guided;
}

function clipped(value: number): number {
  return value < 0 ? 0 : value > 1 ? 1 : value;
}
