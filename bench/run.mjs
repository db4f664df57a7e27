// `npm run bench [name]`: runs the named benchmark, or all of them, on what was built.
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import { readBuildState, root } from '../scripts/build-state.mjs';

const own = 'run.mjs';
const names = readdirSync(join(root, 'bench'))
  .filter((file) => file.endsWith('.mjs') && file !== own)
  .map((file) => file.slice(0, -'.mjs'.length));
const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !names.includes(name));
if (unknown.length > 0) {
  console.error(`No such benchmark: ${unknown.join(', ')}. There are: ${names.join(', ')}.`);
  process.exit(1);
}
if (readBuildState() !== 'fresh') spawnSync(process.execPath, [join(root, 'scripts/build.mjs')], { stdio: 'inherit' });
console.log(`Node ${process.version}, ${cpus().length} x ${cpus()[0]?.model ?? 'CPU'}, ${(totalmem() / 2 ** 30).toFixed(0)} GiB`);
for (const name of wanted.length > 0 ? wanted : names) {
  console.log(`\n${name}`);
  const { status } = spawnSync(process.execPath, [join(root, 'bench', `${name}.mjs`)], { stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}
