// Cold start of the built server on the embedded default, against a bare Node in the same run, and what it keeps in memory.
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { ratios, repeat } from './harness/measure.mjs';
import { openReport, quick } from './harness/report.mjs';
import { signUp, startServer } from './harness/server.mjs';
import { openWire } from './load/ws-wire.mjs';

const ROUNDS = quick ? 3 : 7;
const IDLE_MS = 2500;
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

/** Processor time of all threads so far, in ms. */
function threadsMs(pid) {
  return readdirSync(`/proc/${pid}/task`).reduce(
    (sum, thread) => sum + Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ')[0]) / 1e6,
    0,
  );
}

/** One start on an empty folder. Neither side is pinned: the store's thread begins beside the main one. */
async function oneStart() {
  const bare = await bareNode();
  const spawnedAt = performance.now();
  const server = await startServer({ env, prefix: [] });
  try {
    const cpu = threadsMs(server.pid);
    const page = await fetch(`${server.origin}/`);
    await page.arrayBuffer();
    return { bare, listening: server.listeningMs, ready: server.readyMs, cpu, page: performance.now() - spawnedAt };
  } finally {
    await server.stop();
  }
}

/** Asks the demo model. @returns ms until the first token, and until the end */
async function ask(wire, heard, index) {
  const begun = performance.now();
  let first = 0;
  const finished = new Promise((resolve) => {
    heard.take = (text) => {
      if (first === 0 && text.startsWith('{"type":"generation.delta"')) first = performance.now() - begun;
      if (text.startsWith('{"type":"generation.finished"')) resolve();
      if (text.startsWith('{"type":"error"')) throw new Error(text);
    };
  });
  wire.send({ type: 'message.send', id: `m${index}`, clientMessageId: `cold-${index}`, conversationId: null, text: 'hi' });
  await finished;
  return { first, whole: performance.now() - begun };
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

/** @returns MB that the server keeps idle, and after many answers */
async function measureMemory() {
  const server = await startServer({ env, prefix: [] });
  try {
    await new Promise((resolve) => setTimeout(resolve, IDLE_MS));
    const idle = server.rssBytes() / MEGABYTE;
    const chats = [];
    for (let index = 0; index < 20; index += 1) chats.push(await openChat(server));
    const { first } = await ask(chats[0].wire, chats[0].heard, 'first');
    const toFirst = first;
    await Promise.all(
      chats.map(async ({ wire, heard }, chat) => {
        for (let index = chat; index < ANSWERS; index += chats.length) await ask(wire, heard, index);
      }),
    );
    await new Promise((resolve) => setTimeout(resolve, IDLE_MS));
    return { idle, toFirst, after: server.rssBytes() / MEGABYTE };
  } finally {
    await server.stop();
  }
}

const starts = await repeat(ROUNDS, oneStart);
report.group('From spawn, embedded store, empty folder');
report.figure('bare', 'bare node -e 0', starts.bare, { digits: 0 });
report.figure('listening', 'to listening, against bare node', ratios(starts.listening, starts.bare), { unit: 'x' });
report.figure('listening-ms', 'to listening', starts.listening, { digits: 0 });
report.figure('ready-ms', 'to ready: plugins loaded, what was left behind is mended', starts.ready, { digits: 0 });
report.figure('page-ms', 'to the first page', starts.page, { digits: 0 });
report.figure('cpu', 'processor time of all threads to ready', starts.cpu, { digits: 0 });
const memory = await repeat(quick ? 1 : 2, measureMemory);
report.group('Memory (RSS of the server process)');
report.figure('rss', 'idle RSS', memory.idle, { unit: 'MB', digits: 0 });
report.figure('rss-after', `after ${ANSWERS} answers of the demo model`, memory.after, { unit: 'MB', digits: 0 });
report.figure('first-token', 'the first message to its first token, demo model', memory.toFirst, { digits: 0 });
report.close();
