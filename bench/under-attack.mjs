// What a well-behaved person waits while somebody attacks: the same questions in quiet and under each attack, in one run.
import { fork, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WebSocket } from 'ws';
import { root } from '../scripts/build-state.mjs';

const SECONDS = Number(process.env.BENCH_SECONDS ?? 6);
const PAUSE_MS = 20;
const attacks = ['bad-requests', 'bad-frames', 'wrong-passwords', 'bad-pictures', 'connections', 'everything'];

async function startServer() {
  const data = mkdtempSync(join(tmpdir(), 'jarvis-bench-'));
  const env = {
    PATH: process.env.PATH,
    DATA_DIR: data,
    PORT: '0',
    HOST: '127.0.0.1',
    LIMIT_MESSAGES_PER_MINUTE: '0',
    LIMIT_FRAMES_PER_MINUTE: '0',
  };
  const child = spawn(process.execPath, [join(root, 'dist/server/main.js')], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  const listening = new Promise((resolve) => {
    child.stdout.on('data', (chunk) => {
      output += chunk;
      const port = /listens on \S+:(\d+)/.exec(output)?.[1];
      if (port !== undefined && output.includes('"msg":"ready"')) resolve(Number(port));
    });
  });
  return { child, data, port: await listening };
}

async function signUp(port, name) {
  const response = await fetch(`http://127.0.0.1:${port}/api/auth/signup`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name, email: `${name}@example.org`, password: 'correct horse battery' }),
  });
  return (await response.json()).token;
}

/** A socket that asks and waits for the one frame that answers. */
function openSocket(port, token) {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/ws`);
  const waiting = new Map();
  let ids = 0;
  socket.on('message', (data) => {
    const frame = JSON.parse(Buffer.from(data).toString());
    waiting.get(frame.replyTo)?.(frame);
    waiting.delete(frame.replyTo);
  });
  const ask = (frame) =>
    new Promise((resolve) => {
      ids += 1;
      waiting.set(`b${ids}`, resolve);
      socket.send(JSON.stringify({ ...frame, id: `b${ids}` }));
    });
  return new Promise((resolve, reject) => {
    socket.once('error', reject);
    socket.once('open', () => {
      ask({ type: 'hello', version: 1, token }).then(() => resolve({ ask, close: () => socket.terminate() }), reject);
    });
  });
}

/** Asks for `SECONDS`: a ping, a list over HTTP, and a stored message, in turn. @returns milliseconds of each, by kind */
async function behaveWell(port, token, client) {
  const times = { ping: [], list: [], accepted: [] };
  const timed = async (kind, work) => {
    const begun = performance.now();
    await work();
    times[kind].push(performance.now() - begun);
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  };
  const end = performance.now() + SECONDS * 1000;
  for (let round = 0; performance.now() < end; round += 1) {
    await timed('ping', () => client.ask({ type: 'ping' }));
    await timed('list', async () => {
      const response = await fetch(`http://127.0.0.1:${port}/api/conversations?limit=20`, {
        headers: { authorization: `Bearer ${token}` },
      });
      await response.arrayBuffer();
    });
    if (round % 4 === 0) {
      await timed('accepted', async () => {
        const id = `bench-${process.pid}-${performance.now()}`.replaceAll('.', '-');
        const answer = await client.ask({ type: 'message.send', clientMessageId: id, conversationId: null, text: 'hello' });
        if (answer.type === 'message.accepted') await client.ask({ type: 'generation.stop', generationId: answer.generationId });
      });
    }
  }
  return times;
}

function attack(name, port, token) {
  const child = fork(join(root, 'bench/load/attacker.mjs'), [name, String(port), token], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  return new Promise((resolve) => {
    child.once('message', () => {
      resolve({
        stop: () =>
          new Promise((done) => {
            child.once('message', (count) => {
              child.kill('SIGKILL');
              done(count);
            });
            child.send('stop');
          }),
      });
    });
  });
}

const quantile = (values, share) => [...values].sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * share))] ?? 0;

const server = await startServer();
const [good, bad] = [await signUp(server.port, 'good'), await signUp(server.port, 'bad')];
const client = await openSocket(server.port, good);
await behaveWell(server.port, good, client);
const quiet = await behaveWell(server.port, good, client);
const line = (name, times, count) => {
  const cells = ['ping', 'list', 'accepted'].map((kind) => {
    const [p50, p99] = [quantile(times[kind], 0.5), quantile(times[kind], 0.99)];
    return `${p50.toFixed(1).padStart(6)} ${p99.toFixed(1).padStart(7)} (${(p99 / quantile(quiet[kind], 0.99)).toFixed(1)}x)`.padEnd(24);
  });
  console.log(`${name.padEnd(16)} ${cells.join(' ')} ${count}`);
};
console.log(
  `${''.padEnd(16)} ${['ping p50  p99 ms', 'list p50  p99 ms', 'accepted p50  p99 ms'].map((head) => head.padEnd(24)).join(' ')} attacks`,
);
line('quiet', quiet, '');
for (const name of attacks) {
  const running = await attack(name, server.port, bad);
  const times = await behaveWell(server.port, good, client);
  const count = await running.stop();
  line(name, times, `${Math.round(count / SECONDS)}/s`);
}
client.close();
const alive = (await fetch(`http://127.0.0.1:${server.port}/healthz`)).status === 200;
console.log(alive ? 'The server lived through all of it.' : 'THE SERVER IS GONE.');
server.child.kill('SIGTERM');
await new Promise((resolve) => server.child.once('exit', resolve));
rmSync(server.data, { recursive: true, force: true });
