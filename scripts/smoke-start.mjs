// Starts the built server with an empty data folder on a free port, waits until it answers, sees that the built plugins loaded,
// stops it, expects exit 0.
import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
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
  await plugins();
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
    const response = await firstAnswer(url(path));
    if (response.status !== 200) throw new Error(`${path} answered ${response.status}.`);
    await response.arrayBuffer();
  }
}

/** Every plugin that the build made can be used. */
async function plugins() {
  const built = readdirSync(join(root, 'dist/server/plugins'));
  while ((await fetch(url('/readyz'))).status !== 200) {
    if (performance.now() - begun > START_LIMIT_MS) throw new Error('The server did not become ready.');
    await after(50);
  }
  const account = { name: 'Smoke', email: 'smoke@example.org', password: 'correct horse battery' };
  const headers = { 'content-type': 'application/json' };
  const { token } = await (await fetch(url('/api/auth/signup'), { method: 'POST', headers, body: JSON.stringify(account) })).json();
  const { items } = await (await fetch(url('/api/plugins'), { headers: { authorization: `Bearer ${token}` } })).json();
  for (const name of built) {
    const found = items.find((plugin) => plugin.name === name);
    if (found?.state !== 'ready') throw new Error(`The plugin ${name} is ${found?.state ?? 'not there'}: ${found?.reason ?? ''}`);
  }
  console.log(`Plugins: ${built.join(', ')}.`);
}

function url(path) {
  return `http://127.0.0.1:${port}${path}`;
}

async function firstAnswer(address) {
  while (performance.now() - begun < START_LIMIT_MS) {
    if (child.exitCode !== null || child.signalCode !== null) throw new Error('The server ended before it answered.');
    const response = await fetch(address).catch(() => undefined);
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
