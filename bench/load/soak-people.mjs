// People who use the server for hours at an easy pace: they talk, look back, search, send pictures, have one enlarged, leave and come back.

import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import sharp from 'sharp';
import { root } from '../../scripts/build-state.mjs';
import { serveCalls } from '../harness/child.mjs';
import { openWire } from './ws-wire.mjs';

const TOKENS = 60;
const RATE = 50;
/** Less shows a leak sooner. */
const PAUSE_MS = Number(process.env.BENCH_PAUSE_MS ?? 3000);
/** Each so many rounds: a search and a page of history, a picture, a job, a new socket. */
const EVERY = { search: 3, upload: 7, job: 40, reconnect: 5 };
const SIDE = 256;

const counts = { answers: 0, opens: 0, searches: 0, uploads: 0, jobs: 0, connects: 0, errors: 0 };
const errors = new Map();
let sent = 0;
let stopped = false;

function fail(what) {
  counts.errors += 1;
  errors.set(what, (errors.get(what) ?? 0) + 1);
}

async function ask(origin, token, path, options = {}) {
  const response = await fetch(`${origin}${path}`, { ...options, headers: { authorization: `Bearer ${token}`, ...options.headers } });
  const body = await response.json();
  if (!response.ok) throw new Error(`${path.split('?')[0]} ${response.status} ${body.error?.code}`);
  return body;
}

const json = (body) => ({ method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });

/** A signed-in socket. @returns `request` sends a frame and resolves with its answer, `finished` with the end of an answer */
async function connect(port, token) {
  const waiting = new Map();
  const ends = new Map();
  const onFrame = (text) => {
    if (text.startsWith('{"type":"generation.delta"')) return;
    const frame = JSON.parse(text);
    if (frame.type === 'generation.finished') ends.get(frame.generationId)?.(frame);
    if (frame.type === 'error' && frame.replyTo === undefined) fail(`error ${frame.code}`);
    waiting.get(frame.replyTo)?.(frame);
    waiting.delete(frame.replyTo);
  };
  const wire = await openWire(port, { onFrame });
  const request = (frame) =>
    new Promise((resolve) => {
      sent += 1;
      waiting.set(`s${sent}`, resolve);
      wire.send({ ...frame, id: `s${sent}` });
    });
  const welcome = await request({ type: 'hello', version: 1, token });
  if (welcome.type !== 'welcome') fail(`hello ${welcome.type} ${welcome.code}`);
  counts.connects += 1;
  return {
    request,
    finished: (id) => new Promise((resolve) => ends.set(id, (frame) => resolve(frame, ends.delete(id)))),
    close: wire.close,
  };
}

async function talk(socket, round) {
  const clientMessageId = `soak-${process.pid}-${(sent += 1)}`;
  const text = `word${round % 50} again tokens=${TOKENS} rate=${RATE}`;
  const accepted = await socket.request({ type: 'message.send', clientMessageId, conversationId: null, text });
  if (accepted.type !== 'message.accepted') return fail(`send ${accepted.type} ${accepted.code}`);
  const { status } = await socket.finished(accepted.generationId);
  if (status === 'complete') counts.answers += 1;
  else fail(`answer ${status}`);
  const opened = await socket.request({ type: 'conversation.open', conversationId: accepted.conversation.id });
  if (opened.type === 'conversation.opened') counts.opens += 1;
  else fail(`open ${opened.type} ${opened.code}`);
}

async function lookBack({ origin, token }, round) {
  const found = await ask(origin, token, `/api/conversations?limit=20&q=word${round % 50}`);
  const [first] = found.items;
  if (first !== undefined) await ask(origin, token, `/api/conversations/${first.id}/messages?limit=50`);
  counts.searches += 1;
}

async function upload({ origin, token }, round) {
  const picture = sharp(join(root, 'plugins/upscale/sample.jpg')).resize(SIDE, SIDE, { fit: 'cover' });
  const bytes = await picture
    .modulate({ hue: (round * 37) % 360 })
    .jpeg()
    .toBuffer();
  const form = new FormData();
  form.set('file', new Blob([bytes], { type: 'image/jpeg' }), 'a.jpg');
  const { file } = await ask(origin, token, '/api/uploads', { method: 'POST', body: form });
  await (await fetch(`${origin}${file.url}`, { headers: { authorization: `Bearer ${token}` } })).arrayBuffer();
  counts.uploads += 1;
  return file.id;
}

async function enlarge(person, file) {
  const { origin, token } = person;
  const work = { clientJobId: `soak-${process.pid}-${(sent += 1)}`, kind: 'upscale', input: [file], params: { method: 'draft' } };
  const { job } = await ask(origin, token, '/api/jobs', json(work));
  for (let now = job; !stopped; ) {
    if (now.status === 'succeeded') counts.jobs += 1;
    else if (now.status !== 'queued' && now.status !== 'running') fail(`job ${now.status} ${now.error?.code}`);
    else {
      await sleep(1000);
      now = (await ask(origin, token, `/api/jobs/${job.id}`)).job;
      continue;
    }
    return;
  }
}

async function live(person, number) {
  const { port, token } = person;
  let socket = await connect(port, token);
  for (let round = number; !stopped; round += 1) {
    try {
      await talk(socket, round);
      if (round % EVERY.search === 0) await lookBack(person, round);
      if (round % EVERY.upload === 0) await upload(person, round);
      if (round % EVERY.job === 0) await enlarge(person, await upload(person, round));
      if (round % EVERY.reconnect === 0) {
        socket.close();
        socket = await connect(port, token);
      }
    } catch (error) {
      fail(error.message);
    }
    await sleep(PAUSE_MS * (0.5 + Math.random()));
  }
  socket.close();
}

serveCalls({
  begin(port, tokens) {
    const origin = `http://127.0.0.1:${port}`;
    for (const [number, token] of tokens.entries()) live({ port, origin, token }, number).catch((error) => fail(error.message));
  },
  read: () => ({ ...counts, what: Object.fromEntries(errors) }),
  stop() {
    stopped = true;
  },
});
