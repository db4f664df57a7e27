import type { JsonValue } from '../../lib/document-store.ts';
import type { OutputPicture, ProcessorOutput } from '../base/processor-interface.ts';
import type { Picture } from '../pictures/picture.ts';

/** UTF-8 bytes of a text that a plugin gives. */
export const maxTextBytes = 64 * 1024;
const maxDataBytes = 256 * 1024;
/** MongoDB takes 100 levels, of the whole document. */
const maxDataDepth = 32;
const maxPictures = 16;
const maxFacts = 32;
const maxFactName = 64;
const maxFactLength = 2000;

/**
 * Whether a processor kept its side of the contract.
 * @throws Error that says which part did not
 */
export function checkOutput(output: ProcessorOutput): ProcessorOutput {
  if (typeof output !== 'object' || output === null || !Array.isArray(output.pictures)) throw new Error('it gave no result');
  if (output.pictures.length > maxPictures) throw new Error(`it gave more than ${maxPictures} pictures`);
  for (const { picture } of output.pictures as readonly OutputPicture[]) checkPicture(picture);
  if (output.text !== undefined) checkText(output.text);
  checkFacts(output.facts ?? {});
  return output.data === undefined ? output : { ...output, data: checkedData(output.data) };
}

/** @throws Error when it is no text or too long */
export function checkText(text: unknown): string {
  if (typeof text !== 'string') throw new Error('its text is not a text');
  if (text.length > maxTextBytes || Buffer.byteLength(text) > maxTextBytes) throw new Error('its text is longer than 64 KiB');
  return text;
}

/** @throws Error when sizes, channels and data do not fit together */
function checkPicture({ width, height, channels, data }: Picture): void {
  const sane = [width, height].every((side) => Number.isSafeInteger(side) && side > 0) && [1, 3, 4].includes(channels);
  if (!sane) throw new Error('its picture has no valid size');
  if (!(data instanceof Uint8Array || data instanceof Uint16Array)) throw new Error('its picture has no pixels');
  if (data.length !== width * height * channels) throw new Error('its picture has another number of values than its size says');
}

/** As JSON has it: a function in it could not leave the process. */
function checkedData(data: unknown): JsonValue {
  const text: string | undefined = JSON.stringify(data);
  if (text === undefined) throw new Error('its data is not JSON');
  if (Buffer.byteLength(text) > maxDataBytes) throw new Error('its data is larger than 256 KiB');
  const copy: JsonValue = JSON.parse(text);
  if (isDeeper(copy, maxDataDepth)) throw new Error(`its data is nested more than ${maxDataDepth} levels deep`);
  return copy;
}

function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return levels === 0 || Object.values(value).some((one) => isDeeper(one, levels - 1));
}

function checkFacts(facts: Readonly<Record<string, unknown>>): void {
  const entries = Object.entries(facts);
  const sane = ([name, value]: [string, unknown]) =>
    name.length <= maxFactName &&
    (typeof value === 'boolean' || Number.isFinite(value) || (typeof value === 'string' && value.length <= maxFactLength));
  if (entries.length > maxFacts || !entries.every(sane)) throw new Error('its facts are too many, too long or not plain values');
}
