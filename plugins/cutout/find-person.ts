import { cropPicture, type ModelSession, type Picture, type Plane, type Rect, resamplePicture, resamplePlane } from '#core';

/** Side of what the network takes and gives, in pixels. */
const side = 256;

export interface FindOptions {
  /** Also looks at the mirrored picture and takes the mean. */
  readonly mirrored: boolean;
  readonly signal: AbortSignal;
}

/**
 * How much of each pixel of a part of a picture belongs to a person, 0..1, as the network sees it. The part is stretched to
 * the network's square, as in its training (padding to a square was measured: the same to 3 times the error), and both ways
 * are resampled with half-pixel centres, so that the answer lies where the picture lies.
 * @param rgb 8 bit
 * @returns of the part's size
 */
export async function findPerson(rgb: Picture, part: Rect, session: ModelSession, options: FindOptions): Promise<Plane> {
  const { mirrored, signal } = options;
  const square = await resamplePicture(cropPicture(rgb, part), { width: side, height: side }, { kernel: 'bilinear', signal });
  const straight = await askNetwork(square, session, false);
  signal.throwIfAborted();
  if (mirrored) {
    const other = await askNetwork(square, session, true);
    for (let i = 0; i < straight.data.length; i += 1) straight.data[i] = ((straight.data[i] ?? 0) + (other.data[i] ?? 0)) / 2;
  }
  return resamplePlane(straight, part, { kernel: 'bilinear', signal });
}

async function askNetwork(square: Picture, session: ModelSession, mirrored: boolean): Promise<Plane> {
  const [input] = session.inputs;
  const [output] = session.outputs;
  if (input === undefined || output === undefined) throw new Error('not a network that finds people');
  const values = Float32Array.from(square.data, (value) => value / 255);
  const data = mirrored ? flipped(values, 3) : values;
  const answers = await session.run({ [input.name]: { type: 'float32', dims: [1, side, side, 3], data } });
  const answer = answers[output.name];
  if (answer?.type !== 'float32' || answer.data.length !== side * side) throw new Error(`${session.model} gave no matte`);
  return { width: side, height: side, data: mirrored ? flipped(answer.data, 1) : answer.data.slice() };
}

/** Left and right swapped. */
function flipped(values: Float32Array, channels: number): Float32Array {
  const result = new Float32Array(values.length);
  for (let y = 0, to = 0; y < side; y += 1)
    for (let x = side - 1; x >= 0; x -= 1, to += channels) {
      const from = (y * side + x) * channels;
      result.set(values.subarray(from, from + channels), to);
    }
  return result;
}
