// `npm run dev`: the server from its sources, restarted when they change, and the client rebuilt when it changes.
import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { root } from './build-state.mjs';

const require = createRequire(import.meta.url);
const tsx = join(dirname(require.resolve('tsx/package.json')), 'dist/cli.mjs');
const vite = join(dirname(require.resolve('vite/package.json')), 'bin/vite.js');

const children = [
  run([vite, 'build', '--watch', '--mode', 'development', '--logLevel', 'warn']),
  run([tsx, 'watch', '--clear-screen=false', '--conditions=source', join(root, 'src/main.ts'), ...process.argv.slice(2)]),
];

let stopping = false;
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => stopAll(signal));
for (const child of children) {
  child.once('exit', (code) => {
    process.exitCode ||= stopping ? 0 : (code ?? 1);
    stopAll('SIGTERM');
  });
}

function run(words) {
  return spawn(process.execPath, words, { cwd: root, stdio: 'inherit' });
}

function stopAll(signal) {
  stopping = true;
  for (const child of children) if (child.exitCode === null && child.signalCode === null) child.kill(signal);
}
