// The built server as a process of its own, and people who use it.
import { spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../../scripts/build-state.mjs';
import { cpuMs, rssBytes } from './child.mjs';
import { onServerCore } from './cores.mjs';
import { atExit, temporaryFolder } from './leftovers.mjs';

/** The folder whose `dist` is measured: this one, or the other commit of a comparison. */
export const measuredRoot = process.env.BENCH_BUILD ?? root;

/** No limit may answer in place of the server. */
const noLimits = {
  LIMIT_MESSAGES_PER_MINUTE: '0',
  LIMIT_FRAMES_PER_MINUTE: '0',
};

/**
 * Starts the server on a fresh folder and waits until it is ready.
 * @param env added to a small environment of its own
 * @param prefix words before the command
 * @param dataDir kept when given, else removed at the end
 */
export async function startServer({ env = {}, prefix = onServerCore, nodeArgs = [], dataDir } = {}) {
  const data = dataDir ?? temporaryFolder('server');
  const words = [...prefix, process.execPath, ...nodeArgs, join(measuredRoot, 'dist/server/main.js')];
  const spawnedAt = performance.now();
  const child = spawn(words[0], words.slice(1), {
    cwd: measuredRoot,
    env: { PATH: process.env.PATH, DATA_DIR: data, PORT: '0', HOST: '127.0.0.1', ...noLimits, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  let last = '';
  const seen = (look) =>
    new Promise((resolve, reject) => {
      const check = () => {
        const found = look(output);
        if (found !== undefined) resolve(found);
      };
      child.stdout.on('data', check);
      child.once('exit', (code) => reject(new Error(`the server ended with ${code}: ${last}`)));
      check();
    });
  let heard = () => {};
  const keep = (chunk) => {
    const heap = /heap-probe (\d+)/.exec(String(chunk));
    if (heap !== null) heard(Number(heap[1]));
    // A load writes a long log: a line may be cut by the chunk before, and no further back is looked.
    output = (output + chunk).slice(-(String(chunk).length + 4096));
    last = String(chunk).slice(-2000);
  };
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  const exited = new Promise((resolve) => child.once('exit', resolve));
  const forget = atExit(() => child.kill('SIGKILL'));
  void exited.then(forget);
  const port = await seen((text) => /listens on \S+:(\d+)/.exec(text)?.[1]);
  const listeningMs = performance.now() - spawnedAt;
  await seen((text) => (text.includes('"msg":"ready"') ? true : undefined));
  const readyMs = performance.now() - spawnedAt;
  let wanted = false;
  void exited.then((code) => {
    if (wanted) return;
    // Whoever waits for it would wait for ever.
    console.error(`  !! the server ended by itself, with ${code}: ${last}`);
    process.exit(1);
  });
  const origin = `http://127.0.0.1:${port}`;
  return {
    port: Number(port),
    origin,
    pid: child.pid,
    data,
    listeningMs,
    readyMs,
    cpuMs: () => cpuMs(child.pid),
    rssBytes: () => rssBytes(child.pid),
    /** Bytes of heap and buffers after a collection; needs bench/load/heap-probe.mjs in it. */
    heapBytes: () =>
      new Promise((resolve) => {
        heard = resolve;
        child.kill('SIGUSR2');
      }),
    /** SIGTERM, as an operator ends it. @returns the exit status */
    async stop(signal = 'SIGTERM') {
      wanted = true;
      child.kill(signal);
      const code = await exited;
      if (signal === 'SIGTERM' && code !== 0) {
        console.error(`  !! the server ended with ${code}: ${last}`);
        process.exitCode = 1;
      }
      if (dataDir === undefined) rmSync(data, { recursive: true, force: true });
      return code;
    },
  };
}

let people = 0;

/** Somebody signed up. @returns their token */
export async function signUp(server, name = 'ada') {
  people += 1;
  const response = await fetch(`${server.origin}/api/auth/signup`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name, email: `${name}${people}@example.org`, password: 'correct horse battery' }),
  });
  const body = await response.json();
  if (body.token === undefined) throw new Error(`sign-up failed: ${JSON.stringify(body)}`);
  return body.token;
}
