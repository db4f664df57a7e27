// Starts the built server with an empty data folder on a free port, waits until it answers, stops it, expects exit 0.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from './build-state.mjs';

const START_LIMIT_MS = 15_000;
const STOP_LIMIT_MS = 30_000;
const dataDir = mkdtempSync(join(tmpdir(), 'smoke-start-'));
const port = await freePort();
const begun = performance.now();
const env = { PATH: process.env.PATH, HOME: dataDir, DATA_DIR: dataDir };
const words = [join(root, 'dist/server/main.js'), '--port', String(port), '--host', '127.0.0.1'];
const child = spawn(process.execPath, words, { cwd: dataDir, env, stdio: ['ignore', 'inherit', 'inherit'] });
const ended = new Promise((resolve) => child.once('exit', (code, signal) => resolve({ code, signal })));

try {
  await answers();
  console.log(`Answered after ${Math.round(performance.now() - begun)} ms.`);
  const stopBegun = performance.now();
  child.kill('SIGTERM');
  const end = await Promise.race([ended, after(STOP_LIMIT_MS)]);
  if (end?.code !== 0) fail(`SIGTERM was not followed by exit 0 but by ${JSON.stringify(end ?? 'nothing')}.`);
  else console.log(`Stopped after ${Math.round(performance.now() - stopBegun)} ms with exit 0.`);
} catch (error) {
  fail(error.message);
} finally {
  child.kill('SIGKILL');
  await ended;
  rmSync(dataDir, { recursive: true, force: true });
}

async function answers() {
  for (const path of ['/healthz', '/']) {
    const response = await firstAnswer(`http://127.0.0.1:${port}${path}`);
    if (response.status !== 200) throw new Error(`${path} answered ${response.status}.`);
    await response.arrayBuffer();
  }
}

async function firstAnswer(url) {
  while (performance.now() - begun < START_LIMIT_MS) {
    if (child.exitCode !== null || child.signalCode !== null) throw new Error('The server ended before it answered.');
    const response = await fetch(url).catch(() => undefined);
    if (response !== undefined) return response;
    await after(50);
  }
  throw new Error(`No answer within ${START_LIMIT_MS} ms.`);
}

/** The system names a free port; it is free again when the server asks for it. */
async function freePort() {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port: free } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return free;
}

function after(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms).unref());
}

function fail(line) {
  console.error(line);
  process.exitCode = 1;
}
