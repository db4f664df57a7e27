// Cold start of the built server on the embedded default: spawn to listening, against a bare Node in the same run, and idle memory.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from '../scripts/build-state.mjs';

const ROUNDS = 7;
const IDLE_MS = 2000;

/** @returns milliseconds from spawn to the exit of a Node that does nothing */
function bareNode() {
  const begun = performance.now();
  return new Promise((resolve) => {
    spawn(process.execPath, ['-e', '0']).once('exit', () => resolve(performance.now() - begun));
  });
}

/** Starts the server on a fresh folder. @returns milliseconds to listening, and to ready, and MB of memory after two idle seconds */
async function serverStart(measureMemory) {
  const data = mkdtempSync(join(tmpdir(), 'jarvis-bench-'));
  const env = { PATH: process.env.PATH, DATA_DIR: data, PORT: '0', HOST: '127.0.0.1' };
  const begun = performance.now();
  const child = spawn(process.execPath, [join(root, 'dist/server/main.js')], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  const seen = (text) =>
    new Promise((resolve) => {
      const look = () => output.includes(text) && resolve(performance.now() - begun);
      child.stdout.on('data', look);
      look();
    });
  child.stdout.on('data', (chunk) => {
    output += chunk;
  });
  const listening = await seen('listens on');
  const ready = await seen('"msg":"ready"');
  let rss = 0;
  if (measureMemory) {
    await new Promise((resolve) => setTimeout(resolve, IDLE_MS));
    rss = Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))?.[1] ?? 0) / 1024;
  }
  child.kill('SIGTERM');
  await new Promise((resolve) => child.once('exit', resolve));
  rmSync(data, { recursive: true, force: true });
  return { listening, ready, rss };
}

const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
const spread = (values) => `${Math.min(...values).toFixed(0)}..${Math.max(...values).toFixed(0)}`;

const bare = [];
const starts = [];
for (let round = 0; round < ROUNDS; round += 1) {
  bare.push(await bareNode());
  starts.push(await serverStart(round === ROUNDS - 1));
}
const listening = starts.map((start) => start.listening);
const ready = starts.map((start) => start.ready);
const memory = starts.at(-1)?.rss ?? 0;
const row = (name, values) =>
  console.log(
    `${name.padEnd(28)} ${median(values).toFixed(0).padStart(5)} ms  [${spread(values)}]  ${(median(values) / median(bare)).toFixed(2)} x bare node`,
  );
row('bare node -e 0', bare);
row('spawn to listening', listening);
row('spawn to ready', ready);
console.log(`${'idle memory (RSS)'.padEnd(28)} ${memory.toFixed(0).padStart(5)} MB  (target: below 120)`);
