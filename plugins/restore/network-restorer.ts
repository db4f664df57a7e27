import {
  createFeatheredCanvas,
  createPicture,
  cropPicture,
  type ModelSession,
  type Picture,
  type ProcessorRun,
  pastePicture,
  planTiles,
} from '#core';
import { networkSide } from './restore-models.ts';

/** The picture mirrored at its right and lower edge up to a size, as a network of fixed size needs it. */
export function mirroredTo(rgb: Picture, width: number, height: number): Picture {
  if (rgb.width >= width && rgb.height >= height) return rgb;
  const larger = createPicture(width, height, 3);
  const mirror = (at: number, length: number) => {
    const turn = at % (2 * length);
    return turn < length ? turn : 2 * length - 1 - turn;
  };
  for (let y = 0, to = 0; y < height; y += 1) {
    const row = mirror(y, rgb.height) * rgb.width;
    for (let x = 0; x < width; x += 1, to += 3) {
      const from = (row + mirror(x, rgb.width)) * 3;
      for (let c = 0; c < 3; c += 1) larger.data[to + c] = rgb.data[from + c] ?? 0;
    }
  }
  return larger;
}

/** One run on exactly one tile of 8-bit RGB. */
export async function runNetwork(rgb: Picture, session: ModelSession): Promise<Picture> {
  const [input] = session.inputs;
  const [output] = session.outputs;
  if (input === undefined || output === undefined || !(rgb.data instanceof Uint8Array)) throw new Error('not a restoring network');
  const answers = await session.run({ [input.name]: { type: 'uint8', dims: [1, rgb.height, rgb.width, 3], data: rgb.data } });
  const answer = answers[output.name];
  if (answer?.type !== 'uint8' || answer.data.length !== rgb.data.length)
    throw new Error(`${session.model} gave ${answer?.type} ${answer?.dims.join('x')}`);
  return { width: rgb.width, height: rgb.height, channels: 3, data: answer.data };
}

/**
 * Restores a picture of any size tile by tile. The network looks at a whole tile, so tiles never quite agree: they fade into each other over twice
 * the overlap.
 * @param rgb 8 bit
 */
export async function restoreInTiles(rgb: Picture, session: ModelSession, overlap: number, run: ProcessorRun): Promise<Picture> {
  const whole = mirroredTo(rgb, Math.max(rgb.width, networkSide), Math.max(rgb.height, networkSide));
  const canvas = createFeatheredCanvas(whole, { channels: 3 });
  const shown = { ...rgb, data: rgb.data.slice() };
  const tiles = planTiles(whole, { side: networkSide, overlap });
  for (const [done, tile] of tiles.entries()) {
    run.signal.throwIfAborted();
    const restored = await runNetwork(cropPicture(whole, tile.source), session);
    canvas.add(tile, restored.data);
    run.progress(5 + (90 * (done + 1)) / tiles.length);
    if (done + 1 < tiles.length) run.preview(showTile(shown, restored, tile));
    // A run blocks the process: here it hears of a cancel.
    await new Promise<void>((resolve) => setImmediate(resolve));
  }
  const finished = canvas.finish();
  return whole === rgb ? finished : cropPicture(finished, { left: 0, top: 0, width: rgb.width, height: rgb.height });
}

function showTile(shown: Picture, restored: Picture, { keep, source }: ReturnType<typeof planTiles>[number]): Picture {
  const width = Math.min(keep.width, shown.width - keep.left);
  const height = Math.min(keep.height, shown.height - keep.top);
  if (width > 0 && height > 0)
    pastePicture(shown, restored, { left: keep.left - source.left, top: keep.top - source.top, width, height }, keep);
  return { ...shown, data: shown.data.slice() };
}
