// `--publish`: writes the results of the last runs into the documents, between their marks. Nothing else may put a figure there.
import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../../scripts/build-state.mjs';
import { renderAll } from './render.mjs';
import { resultsFolder } from './report.mjs';
import { readResult } from './results.mjs';
import { benchmarks } from './run-benchmarks.mjs';

/** The published results: the documents are made of them, and a test holds them to it. */
export const publishedFolder = join(root, 'bench/results');
export const documents = ['docs/performance.md', 'docs/capacity.md'];

/** Takes over what was measured and writes the documents anew. */
export function publish() {
  mkdirSync(publishedFolder, { recursive: true });
  for (const name of [...benchmarks.map((one) => one.name), 'machine']) {
    const file = join(resultsFolder, `${name}.json`);
    if (!existsSync(file)) continue;
    if (readResult(name).quick) console.error(`${name}: its last run was a quick one, which is not published.`);
    else copyFileSync(file, join(publishedFolder, `${name}.json`));
  }
  for (const document of documents) {
    const path = join(root, document);
    writeFileSync(path, renderAll(readFileSync(path, 'utf8'), publishedFolder));
    console.log(`wrote ${document}`);
  }
}
