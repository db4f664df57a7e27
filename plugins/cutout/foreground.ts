import { boxMean, createPlane, type Picture, type Plane, peakOf, pictureRows, resampleRows } from '#core';

/**
 * The colours of the person and of the background as they would be alone, estimated around every pixel: red, green and
 * blue of the one and then of the other, interleaved, 0..1. Blur fusion (Forte, 2021): the mean of what is surely one or the
 * other, first from far and then from near.
 */
export interface LayerColours {
  readonly width: number;
  readonly height: number;
  readonly data: Float32Array;
}

/** Radii of the two rounds, as shares of the work's longest side. */
const radiusShares = [1 / 12, 1 / 150] as const;
/** Keeps a mean over nothing from being a division by nothing. */
const trace = 1e-5;

/**
 * @param picture of the same shape as the matte, any size and depth
 * @param matte at the size in which this is worked out
 */
export async function layerColours(picture: Picture, matte: Plane, pace: () => Promise<void>): Promise<LayerColours> {
  const { width, height } = matte;
  const radii = radiusShares.map((share) => Math.max(1, Math.round(Math.max(width, height) * share)));
  const colours = await reduced(picture, matte);
  const layers = new Float32Array(width * height * 6);
  for (const [c, colour] of colours.entries()) {
    let person = colour;
    let behind = colour;
    for (const radius of radii) {
      await pace();
      const [nextPerson, nextBehind] = [fused(person, matte, radius, 1), fused(behind, matte, radius, -1)];
      correct(colour, matte, nextPerson, nextBehind);
      [person, behind] = [nextPerson, nextBehind];
    }
    for (let i = 0, to = c; i < matte.data.length; i += 1, to += 6) {
      layers[to] = person.data[i] ?? 0;
      layers[to + 3] = behind.data[i] ?? 0;
    }
  }
  return { width, height, data: layers };
}

/** The mean of a colour, weighted by the matte (`side` 1) or by what it leaves (-1). */
function fused(colour: Plane, matte: Plane, radius: number, side: 1 | -1): Plane {
  const weights = createPlane(matte.width, matte.height);
  const weighted = createPlane(matte.width, matte.height);
  for (let i = 0; i < weights.data.length; i += 1) {
    const share = (side === 1 ? (matte.data[i] ?? 0) : 1 - (matte.data[i] ?? 0)) + trace;
    weights.data[i] = share;
    weighted.data[i] = share * (colour.data[i] ?? 0);
  }
  const sums = boxMean(weights, radius);
  const mean = boxMean(weighted, radius);
  for (let i = 0; i < mean.data.length; i += 1) mean.data[i] = (mean.data[i] ?? 0) / (sums.data[i] ?? 1);
  return mean;
}

/** Moves the person's colour so that person and background together are what the picture shows. */
function correct(colour: Plane, matte: Plane, person: Plane, behind: Plane): void {
  for (let i = 0; i < colour.data.length; i += 1) {
    const alpha = matte.data[i] ?? 0;
    const [front, back] = [person.data[i] ?? 0, behind.data[i] ?? 0];
    const missing = (colour.data[i] ?? 0) - alpha * front - (1 - alpha) * back;
    person.data[i] = Math.min(1, Math.max(0, front + alpha * missing));
    behind.data[i] = Math.min(1, Math.max(0, back + (1 - alpha) * missing));
  }
}

async function reduced(picture: Picture, { width, height }: Plane): Promise<readonly Plane[]> {
  const planes = [createPlane(width, height), createPlane(width, height), createPlane(width, height)];
  const part = 1 / peakOf(picture);
  await resampleRows(pictureRows(picture), { width, height }, { kernel: 'bilinear' }, (y, row) => {
    for (const [c, { data }] of planes.entries())
      for (let x = 0, at = y * width; x < width; x += 1, at += 1) data[at] = (row[x * 3 + c] ?? 0) * part;
  });
  return planes;
}
