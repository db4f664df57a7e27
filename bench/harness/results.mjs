// Reads what benchmarks left behind.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { resultsFolder } from './report.mjs';

/** @returns the result of one benchmark, or null when it has not run */
export function readResult(name, folder = resultsFolder) {
  const file = join(folder, `${name}.json`);
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : null;
}

/** Every figure of a result by its id. */
export function figuresOf(result) {
  return new Map((result?.groups ?? []).flatMap(({ figures }) => figures).map((figure) => [figure.id, figure]));
}
