// `npm run models -- list|how|install|remove|convert`: from the build where there is one, else from the sources.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { root } from './build-state.mjs';

const built = join(root, 'dist/server/models-tool.js');
if (existsSync(built)) await import(pathToFileURL(built).href);
else {
  const source = join(root, 'src/wiring/models-tool.ts');
  const { status } = spawnSync(process.execPath, ['--import', 'tsx', '--conditions=source', source, ...process.argv.slice(2)], {
    stdio: 'inherit',
  });
  process.exitCode = status ?? 1;
}
