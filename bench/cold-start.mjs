// Cold start of the built server on the embedded default, against a bare Node in the same run, and what it keeps in memory.
import { spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { ratios, repeat } from './harness/measure.mjs';
import { openLimits, startFakeModel } from './harness/relays.mjs';
import { openReport, quick } from './harness/report.mjs';
import { signUp, startServer } from './harness/server.mjs';
import { openWire } from './load/ws-wire.mjs';

const ROUNDS = quick ? 3 : 5;
const IDLE_MS = 2000;
/** V8 collects what the start left behind some time later. */
const REST_MS = 60_000;
const PEOPLE = 20;
const TOKENS = 40;
const ANSWERS = quick ? 100 : 1000;
const MEGABYTE = 1e6;
const report = openReport('cold-start');
/** No limit answers, the demo model does. */
const env = { BCRYPT_COST: '10', LIMIT_GENERATIONS_PER_USER: '0', LIMIT_USER_RPM: '0' };

/** @returns milliseconds from spawn to the exit of a Node that does nothing */
function bareNode() {
  const begun = performance.now();
  return new Promise((resolve) => {
    spawn(process.execPath, ['-e', '0']).once('exit', () => resolve(performance.now() - begun));
  });
}

/** One start on an empty folder. Neither side is pinned: the store's thread begins beside the main one. */
async function oneStart() {
  const bare = await bareNode();
  const spawnedAt = performance.now();
  const server = await startServer({ env, prefix: [] });
  try {
    const cpu = server.cpuMs();
    const page = await fetch(`${server.origin}/`);
    await page.arrayBuffer();
    const paged = performance.now() - spawnedAt;
    const chat = await openChat(server);
    const signedUp = performance.now();
    await ask(chat, 'first').first;
    const ended = performance.now();
    return {
      bare,
      listening: server.listeningMs,
      ready: server.readyMs,
      cpu,
      page: paged,
      token: ended - spawnedAt,
      message: ended - signedUp,
    };
  } finally {
    // Its answer goes on.
    await server.stop('SIGKILL');
  }
}

/** A promise and how to fulfil it. */
function settled() {
  let resolve;
  const promise = new Promise((done) => {
    resolve = done;
  });
  return { promise, resolve };
}

/** Asks, in a new conversation. @returns when the first token was here, and the end */
function ask({ wire, heard }, id, text = 'hi') {
  const [first, finished] = [settled(), settled()];
  heard.take = (frame) => {
    if (frame.startsWith('{"type":"generation.delta"')) first.resolve();
    if (frame.startsWith('{"type":"generation.finished"')) finished.resolve();
    if (frame.startsWith('{"type":"error"')) throw new Error(frame);
  };
  wire.send({ type: 'message.send', id: `m${id}`, clientMessageId: `cold-start-${id}`, conversationId: null, text });
  return { first: first.promise, finished: finished.promise };
}

async function openChat(server) {
  const heard = { take: () => {} };
  const token = await signUp(server);
  const wire = await openWire(server.port, { onFrame: (text) => heard.take(text) });
  await new Promise((resolve) => {
    heard.take = resolve;
    wire.send({ type: 'hello', version: 1, token });
  });
  return { wire, heard };
}

const settle = () => sleep(IDLE_MS);

/** @returns MB that a server without a key keeps idle */
async function measureIdle() {
  const server = await startServer({ env, prefix: [] });
  try {
    await settle();
    return { alone: server.rssBytes() / MEGABYTE };
  } finally {
    await server.stop();
  }
}

/** @returns MB that a server with a model keeps idle, and after many answers */
async function measureMemory(model) {
  const key = { GEMINI_API_KEY: 'bench-key-that-is-not-real', GEMINI_BASE_URL: model.url, GEMINI_MODEL: 'gemini-3.8-flash' };
  const server = await startServer({ env: { ...env, ...openLimits, ...key }, prefix: [] });
  try {
    await settle();
    const idle = server.rssBytes() / MEGABYTE;
    const chats = [];
    while (chats.length < PEOPLE) chats.push(await openChat(server));
    await Promise.all(
      chats.map(async (chat, number) => {
        for (let index = number; index < ANSWERS; index += PEOPLE) await ask(chat, index, `tokens=${TOKENS} rate=1000`).finished;
      }),
    );
    await settle();
    return { idle, after: server.rssBytes() / MEGABYTE };
  } finally {
    await server.stop();
  }
}

/** Servers that do nothing for a minute, beside what is measured meanwhile. @returns how many MB each keeps then */
async function beginRest(count) {
  const servers = [];
  while (servers.length < count) servers.push(await startServer({ env, prefix: [] }));
  const until = performance.now() + REST_MS;
  return async () => {
    await sleep(Math.max(0, until - performance.now()));
    const kept = servers.map((server) => server.rssBytes() / MEGABYTE);
    await Promise.all(servers.map((server) => server.stop()));
    return kept;
  };
}

const starts = await repeat(ROUNDS, oneStart);
report.group('From spawn, embedded store, empty folder');
report.figure('bare', 'bare node -e 0', starts.bare, { digits: 0 });
report.figure('listening', 'to listening, against bare node', ratios(starts.listening, starts.bare), { unit: 'x' });
report.figure('listening-ms', 'to listening', starts.listening, { digits: 0 });
report.figure('ready-ms', 'to ready: plugins loaded, what was left behind is mended', starts.ready, { digits: 0 });
report.figure('page-ms', 'to the first page', starts.page, { digits: 0 });
report.figure('first-token', 'to the first streamed token of the demo model: sign-up, socket and message between', starts.token, {
  digits: 0,
});
report.figure('message-token', 'the first message to that token', starts.message, { digits: 0 });
report.figure('cpu', 'processor time of all threads to ready', starts.cpu, { digits: 0 });
const model = await startFakeModel();
const endRest = await beginRest(quick ? 0 : 5);
try {
  const memory = await repeat(quick ? 1 : 5, async () => ({ ...(await measureIdle()), ...(await measureMemory(model)) }));
  report.group('Memory (RSS of the server process)');
  report.figure('rss', 'idle RSS, two seconds after the start', memory.alone, { unit: 'MB', digits: 0 });
  if (!quick) report.figure('rss-minute', 'idle RSS, a minute after the start', await endRest(), { unit: 'MB', digits: 0 });
  report.figure('rss-key', 'idle RSS with a key for a model', memory.idle, { unit: 'MB', digits: 0 });
  report.figure('rss-after', `after ${ANSWERS} answers of ${TOKENS} tokens by that model`, memory.after, { unit: 'MB', digits: 0 });
} finally {
  await model.stop();
}
report.close();
