import {
  createPicture,
  cropPicture,
  fillTransparent,
  type ModelSession,
  type Picture,
  type ProcessorRun,
  pastePicture,
  planTiles,
  toEightBit,
} from '#core';
import { matchSource } from './match-source.ts';
import { createTilePreview } from './tile-preview.ts';
import { tilesFor } from './upscale-plan.ts';

export interface EnlargeOptions {
  readonly scale: number;
  readonly run: Pick<ProcessorRun, 'signal' | 'tile' | 'progress' | 'preview'>;
}

/** Previews come no more often, in ms. */
const previewEveryMs = 1500;

/**
 * Enlarges the colours of a picture tile by tile; alpha is left out. At the picture's edges the network pads as it
 * was trained to. The networks take and give 8 bit; `matchSource` gives the result the depth and the brightness of its source.
 * @returns RGB of the picture's depth
 */
export async function enlargeByNetwork(picture: Picture, session: ModelSession, options: EnlargeOptions): Promise<Picture> {
  const { scale, run } = options;
  const colours = await fillTransparent(picture, run.signal);
  const eight = toEightBit(colours);
  const canvas = createPicture(eight.width * scale, eight.height * scale, 3);
  const tiles = planTiles(eight, tilesFor(session.model, run.tile));
  const preview = createTilePreview(eight, scale);
  let shownAt = performance.now();
  for (const [done, { source, keep }] of tiles.entries()) {
    run.signal.throwIfAborted();
    const larger = await runNetwork(cropPicture(eight, source), session, scale);
    const part = {
      left: (keep.left - source.left) * scale,
      top: (keep.top - source.top) * scale,
      width: keep.width * scale,
      height: keep.height * scale,
    };
    pastePicture(canvas, larger, part, { left: keep.left * scale, top: keep.top * scale });
    preview.add(canvas, keep);
    run.progress((98 * (done + 1)) / tiles.length);
    if (done + 1 < tiles.length && performance.now() - shownAt > previewEveryMs) {
      run.preview(preview.picture());
      shownAt = performance.now();
    }
    // A run blocks the process: here it hears of a cancel.
    await new Promise<void>((resolve) => setImmediate(resolve));
  }
  run.signal.throwIfAborted();
  return matchSource(canvas, colours, run.signal);
}

async function runNetwork({ width, height, data }: Picture, session: ModelSession, scale: number): Promise<Picture> {
  const [input] = session.inputs;
  const [output] = session.outputs;
  if (input === undefined || output === undefined || !(data instanceof Uint8Array)) throw new Error('not an enlarging network');
  const answers = await session.run({ [input.name]: { type: 'uint8', dims: [1, height, width, 3], data } });
  const answer = answers[output.name];
  if (answer?.type !== 'uint8' || answer.data.length !== width * height * 3 * scale * scale)
    throw new Error(`${session.model} gave ${answer?.type} ${answer?.dims.join('x')} for a tile of ${width} x ${height}`);
  return { width: width * scale, height: height * scale, channels: 3, data: answer.data };
}
