// `--check-documents`: holds the documents to the published results, and their prose to words.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../../scripts/build-state.mjs';
import { documents, publishedFolder } from './publish.mjs';
import { marks, renderAll } from './render.mjs';

/** A number with the unit of something that was measured. */
const figure =
  /\d[\d,.]*\s*(?:ms|us|µs|ns|seconds?|minutes?|%|kB|MB|KiB|MiB|GB|GiB|bytes?|\/s|times|fps|frames)(?![\w-])|\d[\d,.]*\s*x(?=[\s,.;)]|$)/m;

/** @returns what is wrong with a document, in sentences; empty when nothing is */
export function faultsOf(name, text, folder = publishedFolder) {
  const faults = [];
  if (renderAll(text, folder) !== text) faults.push(`${name} is not what the published results say: run \`npm run bench -- --publish\`.`);
  const prose = text.replaceAll(marks, '').replaceAll(/```[\s\S]*?```|`[^`]*`/g, '');
  for (const line of prose.split('\n')) {
    const found = figure.exec(line);
    if (found !== null)
      faults.push(`${name} says "${found[0]}" in its own words: figures stand between the marks, where the command writes them.`);
  }
  return faults;
}

/** @returns the faults of all documents */
export const checkDocuments = () => documents.flatMap((name) => faultsOf(name, readFileSync(join(root, name), 'utf8')));
