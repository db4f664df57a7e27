import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { sumOf } from './package-download.ts';
import { pathInside } from './path-inside.ts';

export interface ModelFileSpec {
  readonly path: string;
  readonly size: number;
  readonly sha256: string;
}

export type ModelFolder =
  | { readonly kind: 'folder'; readonly folder: string }
  | { readonly kind: 'package'; readonly package: string; readonly from: string }
  | { readonly kind: 'data'; readonly name: string };

export interface InspectedModel {
  readonly folder: string | null;
  readonly complete: boolean;
  readonly size: number;
  readonly missing?: string;
}

/** Says which sums were found true when the model was put there, so that they are not computed at each start. */
export const receiptName = '.installed.json';

export async function sizeOf(file: string): Promise<number | null> {
  const found = await stat(file).catch(() => null);
  return found?.isFile() === true ? found.size : null;
}

/** The sums of a receipt by path; empty without one. */
async function receiptOf(folder: string): Promise<ReadonlyMap<string, string>> {
  try {
    const receipt: unknown = JSON.parse(await readFile(path.join(folder, receiptName), 'utf8'));
    if (typeof receipt !== 'object' || receipt === null || !('sums' in receipt) || typeof receipt.sums !== 'object') return new Map();
    return new Map(Object.entries(receipt.sums ?? {}).filter((entry): entry is [string, string] => typeof entry[1] === 'string'));
  } catch {
    return new Map();
  }
}

/** The folder of an installed package beside `from` or above it. */
export async function packageFolder(name: string, from: string): Promise<string | null> {
  const folder = path.join(from, 'node_modules', name);
  if ((await sizeOf(path.join(folder, 'package.json'))) !== null) return folder;
  const above = path.dirname(from);
  return above === from ? null : packageFolder(name, above);
}

/**
 * Compares what lies in a folder with what should.
 * @param exact sizes have to fit, and sums where the folder may have been filled by hand; else a file only has to be there
 */
export async function inspectFolder(
  folder: string,
  files: readonly ModelFileSpec[],
  exact: boolean,
  checksSums: boolean,
): Promise<InspectedModel> {
  const receipt = checksSums ? await receiptOf(folder) : new Map<string, string>();
  let size = 0;
  for (const file of files) {
    const absolute = pathInside(folder, file.path);
    const found = await sizeOf(absolute);
    const fits = found !== null && (!exact || found === file.size);
    const isWrong = fits && exact && checksSums && (receipt.get(file.path) ?? (await sumOf(absolute, 'sha256'))) !== file.sha256;
    if (found === null || !fits || isWrong) return { folder, complete: false, size: 0, missing: file.path };
    size += found;
  }
  return { folder, complete: true, size };
}
