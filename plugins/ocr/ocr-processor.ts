import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  BaseProcessor,
  createPace,
  type ModelSession,
  type ModelSessions,
  type Picture,
  type ProcessorInput,
  type ProcessorOutput,
  type ProcessorRun,
  resamplePicture,
  type Tensor,
  toEightBit,
  toRgb,
} from '#core';
import { cutLine, lineHeight, turnOver } from './cut-line.ts';
import { placesIn, type TextPlace } from './find-text.ts';
import type { Quad } from './geometry.ts';
import { characterFile, detectionSize, detector, type OcrParams, ocrModel, recogniser, turner } from './ocr-plan.ts';
import { charactersFrom, type ReadLine, readColumns } from './read-line.ts';
import { inReadingOrder, type PlacedText, plainText } from './reading-order.ts';

/** As PaddleOCR normalises its input, channels in the order blue, green, red. */
const detectorMean = [0.485, 0.456, 0.406] as const;
const detectorDeviation = [0.229, 0.224, 0.225] as const;
const turnerWidth = 192;
const turnerCertainty = 0.9;
/** The recogniser was trained with lines of at least this width; shorter ones are filled up with grey. */
const narrowestLine = 320;

/** Finds text and reads it with PP-OCRv4: Latin letters, digits and Chinese. */
export class OcrProcessor extends BaseProcessor<OcrParams> {
  readonly #models: ModelSessions;
  #characters: readonly string[] | undefined;

  constructor(models: ModelSessions) {
    super('ocr', '1.0.0');
    this.#models = models;
  }

  protected async run({ pictures, params, level }: ProcessorInput<OcrParams>, run: ProcessorRun): Promise<ProcessorOutput> {
    const [first] = pictures;
    if (first === undefined) throw new Error('the reader got no picture');
    const picture = toRgb(toEightBit(first));
    const { width, height } = picture;
    run.progress(0, { en: 'Looking for text', fa: 'جست‌وجوی متن', ar: 'البحث عن نص' });
    const places = await this.#find(picture, detectionSize(picture, level), run);
    run.progress(30, { en: 'Reading', fa: 'خواندن', ar: 'القراءة' });
    const read = await this.#readAll(picture, places, params, run);
    const paragraphs = inReadingOrder(read.filter(({ text, score }) => text.trim() !== '' && score >= params.certainty));
    const pieces = paragraphs.flat(2);
    const text = plainText(paragraphs);
    const boxes = pieces.map((piece) => ({
      points: piece.quad.map(({ x, y }) => [within(x, width), within(y, height)]),
      text: piece.text,
      score: rounded(piece.score),
    }));
    const certainty = pieces.reduce((sum, { score }) => sum + score, 0) / Math.max(1, pieces.length);
    return {
      pictures: [],
      ...(text === '' ? {} : { text: fenced(text) }),
      data: { width, height, text, boxes },
      facts: { places: pieces.length, certainty: rounded(certainty) },
    };
  }

  async #find(picture: Picture, size: { width: number; height: number }, run: ProcessorRun): Promise<TextPlace[]> {
    const network = await this.#models.open(ocrModel, { file: detector, threads: run.threads });
    const seen = await resamplePicture(picture, size, { kernel: 'bilinear', signal: run.signal });
    const input = tensorOf(
      seen,
      size.width,
      (value, channel) => (value / 255 - at(detectorMean, channel)) / at(detectorDeviation, channel),
    );
    const values = await outputOf(network, input);
    const [sx, sy] = [picture.width / size.width, picture.height / size.height];
    const scaled = (quad: Quad): Quad => {
      const [a, b, c, d] = quad.map(({ x, y }) => ({ x: (x + 0.5) * sx, y: (y + 0.5) * sy }));
      return a === undefined || b === undefined || c === undefined || d === undefined ? quad : [a, b, c, d];
    };
    return placesIn({ ...size, values }).map(({ quad, score }) => ({ quad: scaled(quad), score }));
  }

  async #readAll(picture: Picture, places: readonly TextPlace[], params: OcrParams, run: ProcessorRun): Promise<PlacedText[]> {
    const texts: PlacedText[] = [];
    const pace = createPace(run.signal);
    for (const [index, { quad }] of places.entries()) {
      await pace();
      const line = cutLine(picture, quad);
      const upright = params.turned && (await this.#isUpsideDown(line, run)) ? turnOver(line) : line;
      texts.push({ quad, ...(await this.#read(upright, run)) });
      run.progress(30 + (70 * (index + 1)) / places.length);
    }
    return texts;
  }

  async #isUpsideDown(line: Picture, run: ProcessorRun): Promise<boolean> {
    const network = await this.#models.open(ocrModel, { file: turner, threads: run.threads });
    const width = Math.min(turnerWidth, line.width);
    const small = width === line.width ? line : await resamplePicture(line, { width, height: lineHeight }, { kernel: 'bilinear' });
    const [, turnedOver = 0] = await outputOf(network, tensorOf(small, turnerWidth, aroundZero));
    return turnedOver > turnerCertainty;
  }

  async #read(line: Picture, run: ProcessorRun): Promise<ReadLine> {
    const network = await this.#models.open(ocrModel, { file: recogniser, threads: run.threads });
    this.#characters ??= charactersFrom(await readFile(join(this.#models.folder(ocrModel), characterFile), 'utf8'));
    const values = await outputOf(network, tensorOf(line, Math.max(narrowestLine, line.width), aroundZero));
    return readColumns(values, this.#characters.length + 1, this.#characters);
  }
}

function at(values: readonly number[], index: number): number {
  return values[index] ?? 0;
}

function aroundZero(value: number): number {
  return value / 127.5 - 1;
}

/** Planes in the order blue, green, red; to the right of the picture zeros up to `width`. */
function tensorOf(picture: Picture, width: number, value: (byte: number, channel: number) => number): Tensor {
  const data = new Float32Array(3 * picture.height * width);
  for (let channel = 0; channel < 3; channel += 1) {
    for (let y = 0; y < picture.height; y += 1) {
      const row = (channel * picture.height + y) * width;
      for (let x = 0; x < picture.width; x += 1) {
        data[row + x] = value(picture.data[(y * picture.width + x) * 3 + 2 - channel] ?? 0, channel);
      }
    }
  }
  return { type: 'float32', dims: [1, 3, picture.height, width], data };
}

/** The one output of a network with one input. */
async function outputOf(network: ModelSession, input: Tensor): Promise<Float32Array> {
  const [name] = network.inputs;
  const [result] = network.outputs;
  if (name === undefined || result === undefined) throw new Error('the network has no input or no output');
  const output = (await network.run({ [name.name]: input }))[result.name];
  if (output?.type !== 'float32') throw new Error('the network gave no numbers');
  return output.data;
}

function within(value: number, most: number): number {
  return rounded(Math.min(most, Math.max(0, value)), 10);
}

function rounded(value: number, parts = 1000): number {
  return Math.round(value * parts) / parts;
}

/** Verbatim: nothing of a text that was read may act as Markdown. */
function fenced(text: string): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}text\n${text}\n${fence}`;
}
