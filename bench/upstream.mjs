// From the bytes of the model to events: what the adapter costs against a parse by hand, how soon a call that nobody wants is closed, and what
// a thousand broken ones do to the server.

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { startChild } from './harness/child.mjs';
import { onServerCore } from './harness/cores.mjs';
import { temporaryFolder } from './harness/leftovers.mjs';
import { ratios, repeat } from './harness/measure.mjs';
import { startFakeModel, startRealRelay } from './harness/relays.mjs';
import { openReport, quick } from './harness/report.mjs';
import { buildAdapter } from './load/built-adapter.mjs';
import { now } from './load/stamp.mjs';
import { openWire } from './load/ws-wire.mjs';

const RATE = 50;
const STREAMS = 100;
const ROUNDS = quick ? 2 : 5;
const STOPS = quick ? 3 : 5;
const DROPS = quick ? 200 : 1000;
const report = openReport('upstream');
const model = await startFakeModel();

/** CPU per event of a reader in the middle of its answers. */
async function costOf(reader, windowMs) {
  await reader.call('ask', `tokens=${((600 + windowMs) * RATE) / 1000} rate=${RATE}`, STREAMS);
  await sleep(400);
  const from = await reader.call('cpu');
  await sleep(windowMs);
  const to = await reader.call('cpu');
  await reader.call('finished');
  return ((to.cpuMs - from.cpuMs) * 1000) / (to.events - from.events);
}

async function measureCost(bareReader, adapterReader) {
  // Code that runs for the first time is compiled.
  for (const reader of [bareReader, adapterReader]) await costOf(reader, 400);
  const { bare, adapter } = await repeat(ROUNDS, async () => ({
    bare: await costOf(bareReader, 1000),
    adapter: await costOf(adapterReader, 1000),
  }));
  report.group(`${STREAMS} answers of ${RATE} events/s, read and thrown away`);
  report.figure('cpu-bare', 'node:http and a parse by hand: CPU per event', bare, { unit: 'us', digits: 1 });
  report.figure('cpu-adapter', 'the adapter: CPU per event', adapter, { unit: 'us', digits: 1 });
  report.figure('cpu-ratio', 'the adapter against the parse by hand', ratios(adapter, bare), { unit: 'x' });
}

/** @param at when it was given up @returns ms until its connection was closed on the other side */
async function closedAfter(at) {
  for (const begun = performance.now(); performance.now() - begun < 10_000; await sleep(2)) {
    const { running, lastClosedAt } = await model.call('read');
    if (running === 0) return Math.max(0, lastClosedAt - at) / 1000;
  }
  throw new Error('a call to the model was never closed');
}

/** Somebody with one socket. @returns starts an answer, stops it in the middle, and says when */
async function openStopper(relay) {
  let wake = () => {};
  const frames = [];
  const wire = await openWire(relay.server.port, {
    onFrame(text) {
      frames.push(JSON.parse(text));
      wake();
    },
  });
  const until = (type) =>
    new Promise((resolve) => {
      wake = () => {
        const found = frames.find((frame) => frame.type === type);
        if (found !== undefined) resolve(found);
      };
      wake();
    });
  wire.send({ type: 'hello', version: 1, id: 'h', token: relay.people[0] });
  await until('welcome');
  return {
    async stopOne(count) {
      frames.length = 0;
      const text = `tokens=5000 rate=${RATE}`;
      wire.send({ type: 'message.send', id: 'm', clientMessageId: `stop-${process.pid}-${count}`, conversationId: null, text });
      const { generationId } = await until('generation.delta');
      const at = now();
      wire.send({ type: 'generation.stop', id: 's', generationId });
      const closed = await closedAfter(at);
      await until('generation.finished');
      return closed;
    },
    close: () => wire.close(),
  };
}

/** The longest of some, in each repetition: what is promised holds for every call. */
async function measureClosing(relay, adapterReader) {
  const stopper = await openStopper(relay);
  let count = 0;
  const { stopped, left } = await repeat(ROUNDS, async () => {
    const [stops, leaves] = [[], []];
    while (stops.length < STOPS) {
      count += 1;
      stops.push(await stopper.stopOne(count));
      leaves.push(await closedAfter(await adapterReader.call('leave', `tokens=5000 rate=${RATE}`, 2)));
    }
    return { stopped: Math.max(...stops), left: Math.max(...leaves) };
  });
  stopper.close();
  report.group('An answer that nobody wants any more: until the call to the model is closed, the longest of some');
  report.figure('closed-stop', 'the server, after generation.stop', stopped);
  report.figure('closed-left', 'the adapter, after its reader left', left);
  report.figure(
    'closed',
    'the longer of the two',
    stopped.map((value, index) => Math.max(value, left[index])),
  );
}

/** Connections of the model that break in the middle of an answer, a hundred at once. */
async function measureDrops(relay, rejections) {
  let dropped = 0;
  const ends = {};
  while (dropped < DROPS) {
    await relay.readers.call('ask', `tokens=${RATE * 3} rate=${RATE}`, STREAMS);
    while ((await model.call('read')).running < STREAMS) await sleep(5);
    // The first piece of each is on its way; one that breaks before it is asked for again.
    await sleep(150);
    dropped += await model.call('drop');
    const finished = await relay.readers.call('finished');
    if (finished.errors.length > 0) throw new Error(finished.errors.join(' '));
    for (const [end, times] of Object.entries(finished.ends)) ends[end] = (ends[end] ?? 0) + times;
  }
  const lines = readFileSync(rejections, 'utf8').split('\n').filter(Boolean);
  if (lines.length > 0) console.error(lines.slice(0, 5).join('\n'));
  report.group('Calls to the model that break in mid-answer');
  report.figure('dropped', 'broken', [dropped], { unit: '', digits: 0 });
  report.figure('kept', 'answers that ended as interrupted, with their text', [ends.interrupted ?? 0], { unit: '', digits: 0 });
  report.figure('rejections', 'rejections and errors that nobody handled', [lines.length], { unit: '', digits: 0 });
  if (lines.length > 0) report.fail('There were errors that nobody handled.');
  if ((ends.interrupted ?? 0) !== dropped) report.fail(`Of the broken calls some ended otherwise: ${JSON.stringify(ends)}`);
}

const rejections = join(temporaryFolder('upstream'), 'rejections');
writeFileSync(rejections, '');
const built = await buildAdapter();
const probe = fileURLToPath(new URL('load/rejection-probe.mjs', import.meta.url));
const startReader = (kind) => startChild('upstream-reader.mjs', { args: [kind, model.url, built.file], prefix: onServerCore });
const readers = [await startReader('bare'), await startReader('adapter')];
const relay = await startRealRelay(model, STREAMS, { env: { BENCH_REJECTIONS: rejections }, nodeArgs: ['--import', probe] });
try {
  await measureCost(...readers);
  await measureClosing(relay, readers[1]);
  await measureDrops(relay, rejections);
} finally {
  for (const process of [...readers, relay, model]) await process.stop();
  built.remove();
}
report.close();
