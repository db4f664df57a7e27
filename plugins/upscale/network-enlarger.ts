import {
  createPicture,
  cropPicture,
  fillTransparent,
  type ModelSession,
  type Picture,
  type ProcessorRun,
  pastePicture,
  peakOf,
  planTiles,
  toEightBit,
} from '#core';
import { restoreDepth } from './restore-depth.ts';
import { createTilePreview } from './tile-preview.ts';
import { tileOverlap, tileSide } from './upscale-plan.ts';

export interface EnlargeOptions {
  readonly scale: number;
  /** Mirrored views of each tile whose mean is taken. */
  readonly views: 1 | 4;
  readonly run: Pick<ProcessorRun, 'signal' | 'tile' | 'progress' | 'preview'>;
}

/** Previews come no more often, in ms. */
const previewEveryMs = 1500;

/**
 * Enlarges the colours of a picture tile by tile; alpha is left out. The networks take and give 8 bit; where the picture
 * has 16, `restoreDepth` brings back what they cannot see. At the picture's edges the network pads as it was trained to.
 * @returns RGB of the picture's depth
 */
export async function enlargeByNetwork(picture: Picture, session: ModelSession, options: EnlargeOptions): Promise<Picture> {
  const { scale, run } = options;
  const colours = await fillTransparent(picture, run.signal);
  const eight = toEightBit(colours);
  const canvas = createPicture(eight.width * scale, eight.height * scale, 3);
  const tiles = planTiles(eight, { side: tileSide(session.model, run.tile), overlap: tileOverlap });
  const preview = createTilePreview(eight, scale);
  let shownAt = performance.now();
  for (const [done, { source, keep }] of tiles.entries()) {
    run.signal.throwIfAborted();
    const larger = await enlargeTile(cropPicture(eight, source), session, options);
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
  return peakOf(colours) === 255 ? canvas : restoreDepth(canvas, colours, run.signal);
}

async function enlargeTile(tile: Picture, session: ModelSession, { scale, views }: EnlargeOptions): Promise<Picture> {
  if (views === 1) return runNetwork(tile, session, scale);
  const mean = createPicture(tile.width * scale, tile.height * scale, 3);
  const sums = new Uint16Array(mean.data.length);
  for (const turn of [0, 1, 2, 3]) {
    const larger = mirrored(await runNetwork(mirrored(tile, turn), session, scale), turn);
    for (let i = 0; i < sums.length; i += 1) sums[i] = (sums[i] ?? 0) + (larger.data[i] ?? 0);
  }
  for (let i = 0; i < sums.length; i += 1) mean.data[i] = ((sums[i] ?? 0) + 2) >> 2;
  return mean;
}

/** Bit 0 of `turn`: left and right swapped; bit 1: top and bottom. Twice gives the picture back. */
function mirrored(picture: Picture, turn: number): Picture {
  if (turn === 0) return picture;
  const { width, height, data } = picture;
  const result = createPicture(width, height, 3);
  for (let y = 0, to = 0; y < height; y += 1) {
    const row = (turn & 2) === 0 ? y : height - 1 - y;
    for (let x = 0; x < width; x += 1, to += 3) {
      const from = (row * width + ((turn & 1) === 0 ? x : width - 1 - x)) * 3;
      result.data[to] = data[from] ?? 0;
      result.data[to + 1] = data[from + 1] ?? 0;
      result.data[to + 2] = data[from + 2] ?? 0;
    }
  }
  return result;
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
