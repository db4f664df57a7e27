// `npm run backup -- <file>` and `npm run restore -- <file>` run what was built.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { root } from './build-state.mjs';

const built = join(root, 'dist/server/store-tool.js');
if (!existsSync(built)) {
  console.error('There is no build: run "npm ci --include=dev && npm run build" first.');
  process.exit(1);
}
await import(pathToFileURL(built).href);
