// `npm start`: builds when needed, then runs the server in this very process, so that signals reach it.
import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { readBuildState, root } from './build-state.mjs';

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19)) stop(`Node 20.19 or newer is needed; this is ${process.versions.node}.`);

const state = readBuildState();
if (state !== 'fresh') {
  if (canBuild()) await build();
  else if (state === 'missing') stop('There is no build and no build tools: run "npm ci --include=dev && npm run build" first.');
}
await import(pathToFileURL(join(root, 'dist/server/main.js')).href);

/** After `npm ci --omit=dev` the build tools are gone; then what was built before is what runs. */
function canBuild() {
  const { resolve } = createRequire(join(root, 'package.json'));
  try {
    return [resolve('rolldown'), resolve('vite')].length === 2;
  } catch {
    return false;
  }
}

async function build() {
  console.log(state === 'missing' ? 'Building for the first time; this takes a few seconds ...' : 'The sources changed; building ...');
  const child = spawn(process.execPath, [join(root, 'scripts/build.mjs')], { stdio: 'inherit' });
  const forward = (signal) => child.kill(signal);
  process.on('SIGTERM', forward).on('SIGINT', forward);
  const { code, signal } = await new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (exitCode, exitSignal) => resolve({ code: exitCode, signal: exitSignal }));
  });
  process.off('SIGTERM', forward).off('SIGINT', forward);
  if (signal !== null) process.exit(1);
  if (code !== 0) stop('The build failed; the reason stands above.');
}

function stop(line) {
  console.error(line);
  process.exit(1);
}
