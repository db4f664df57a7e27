import { boxMean, guidedFilter, type Picture, type Plane, resamplePicture, resamplePlane } from '#core';

/** How the border of the person is drawn: `fine` follows hair, `soft` is a gentle transition, `hard` a clean line. */
export type Edge = 'fine' | 'soft' | 'hard';

/** Windows of the two rounds of the guided filter, as shares of the work's longest side. The network sees about 1/256. */
const radiusShares = [1 / 60, 1 / 40] as const;
const epsilons: Readonly<Record<Edge, number>> = { fine: 1e-4, soft: 1e-2, hard: 1e-4 };
/** What the filter leaves between the two is spread over 0..1, for a filter never quite gets there. */
const spreads: Readonly<Record<Edge, readonly [number, number]>> = { fine: [0.08, 0.92], soft: [0, 1], hard: [0.42, 0.58] };

/** A share of person around a pixel up to which there is none, and from which the filter alone decides; mirrored for the inside. */
const unsure = [0.02, 0.1] as const;

/**
 * Makes a coarse matte follow the edges of its picture, and only near its own: where everything around is person or
 * nothing is, textures that look alike must not tear holes. Two rounds: the second finds twice the contrast in hair.
 * @param picture RGB; `coarse` has its shape and may be smaller: the first round and the windows are of that size
 * @returns 0..1, of the picture's size
 */
export async function refineMatte(picture: Picture, coarse: Plane, edge: Edge, signal: AbortSignal): Promise<Plane> {
  const longest = Math.max(coarse.width, coarse.height);
  const [first = 2, second = 2] = radiusShares.map((share) => Math.max(2, Math.round(longest * share)));
  const epsilon = epsilons[edge];
  const work = await resamplePicture(picture, coarse, { kernel: 'bilinear', signal });
  const rough = await guidedFilter(work, coarse, { radius: first, epsilon, signal });
  spread(rough, spreads.fine);
  const guided = await guidedFilter(picture, rough, { radius: second, epsilon, signal });
  const around = await resamplePlane(boxMean(coarse, second), picture, { kernel: 'bilinear', signal });
  spread(guided, spreads[edge]);
  for (let i = 0; i < guided.data.length; i += 1) {
    const mean = around.data[i] ?? 0;
    const least = 1 - clipped((1 - mean - unsure[0]) / (unsure[1] - unsure[0]));
    const most = clipped((mean - unsure[0]) / (unsure[1] - unsure[0]));
    guided.data[i] = Math.max(least, Math.min(most, guided.data[i] ?? 0));
  }
  return guided;
}

function spread({ data }: Plane, [low, high]: readonly [number, number]): void {
  for (let i = 0; i < data.length; i += 1) data[i] = clipped(((data[i] ?? 0) - low) / (high - low));
}

function clipped(value: number): number {
  return value < 0 ? 0 : value > 1 ? 1 : value;
}
