// What history costs as it grows: send, open, page, search in long conversations, the list of many, and opening a store of 100,000 messages.
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { root } from '../scripts/build-state.mjs';
import { startChild } from './harness/child.mjs';
import { temporaryFolder } from './harness/leftovers.mjs';
import { median } from './harness/measure.mjs';
import { openReport, quick } from './harness/report.mjs';
import { buildStore } from './load/built-store.mjs';

const LENGTHS = quick ? [10, 100, 1000] : [10, 100, 1000, 10_000];
const COUNTS = quick ? [100, 1000] : [100, 1000, 10_000, 100_000];
const MESSAGES = quick ? 10_000 : 100_000;
const ROUNDS = quick ? 3 : 5;
const SENDS = quick ? 20 : 40;
const READS = quick ? 3 : 5;
const words = (count) => count.toLocaleString('en');

const report = openReport('history');
const built = await buildStore();
const folder = temporaryFolder('history');

/** The curves of one store. */
async function curves(kind, people, { lengths, counts }) {
  const id = (name) => (kind === '' ? name : `${kind}-${name}`);
  const sends = [];
  for (let round = 0; round < ROUNDS; round += 1) sends.push(await people.call('send', { lengths, times: SENDS }));
  const typical = (length) => sends.map((round) => median(round[length]));
  report.group(`${kind === '' ? 'Embedded store' : 'MongoDB'}: send until it is accepted, in a conversation of`);
  for (const length of lengths) report.figure(id(`send-${length}`), `${words(length)} messages`, typical(length));
  const [first, last] = [typical(lengths[0]), typical(lengths.at(-1))];
  const ratio = last.map((ms, round) => ms / first[round]);
  report.figure(id('send-ratio'), `${words(lengths.at(-1))} messages against ${words(lengths[0])}`, ratio, { unit: 'x' });

  const reads = await people.call('read', { lengths, times: READS });
  const titles = { open: 'open', page: 'a page further back', rare: 'search of a rare word', common: 'search of what is in every message' };
  for (const [name, title] of Object.entries(titles)) {
    report.group(`${kind === '' ? 'Embedded store' : 'MongoDB'}: ${title}, in a conversation of`);
    for (const length of lengths) report.figure(id(`${name}-${length}`), `${words(length)} messages`, reads[length][name]);
  }
  const lists = await people.call('list', { counts, times: READS });
  const ofMany = {
    list: 'first page of the list',
    'list-further': 'its next page',
    'list-search': 'search for the title of one',
    'list-open': 'open one',
    'list-send': 'send to one until it is accepted',
  };
  for (const [name, title] of Object.entries(ofMany)) {
    report.group(`${kind === '' ? 'Embedded store' : 'MongoDB'}: ${title}, with`);
    for (const count of counts) report.figure(id(`${name}-${count}`), `${words(count)} conversations`, lists[count][name]);
  }
}

async function openings(ownerId) {
  const all = [];
  const words = ['--expose-gc', join(root, 'bench/load/open-store.mjs'), built.file, folder, ownerId];
  for (let round = 0; round < ROUNDS; round += 1) all.push(JSON.parse((await promisify(execFile)(process.execPath, words)).stdout));
  return all;
}

async function embedded() {
  const people = await startChild('history-store.mjs', { args: [built.file, folder], prefix: [] });
  try {
    const { ownerId } = await people.call('fill', { lengths: LENGTHS, counts: COUNTS, messages: MESSAGES });
    await curves('', people, { lengths: LENGTHS, counts: COUNTS });
    await people.call('close');
    return await openings(ownerId);
  } finally {
    await people.stop();
  }
}

async function mongodb(uri) {
  const place = new URL(uri);
  place.pathname = `/bench-${process.pid}`;
  const people = await startChild('history-store.mjs', { args: [built.file, place.href], prefix: [] });
  report.note(
    'On MongoDB the longest conversation and the longest list are shorter: the server of the tests keeps all of it in its memory.',
  );
  const [lengths, counts] = [LENGTHS.filter((length) => length <= 1000), COUNTS.filter((count) => count <= 10_000)];
  try {
    await people.call('fill', { lengths, counts, messages: 0 });
    await curves('mongodb', people, { lengths, counts });
    await people.call('drop');
    await people.call('close');
  } finally {
    await people.stop();
  }
}

try {
  const opened = await embedded();
  const of = (field) => opened.map((one) => one[field]);
  report.group(`A process that opens the embedded store with ${words(MESSAGES)} messages, until the first page is read`);
  report.figure(quick ? 'open-ms-quick' : 'open-ms', 'time', of('ms'));
  report.figure(quick ? 'open-rss-quick' : 'open-rss', 'memory', of('rss'), { unit: 'MiB', digits: 1 });
  report.figure(quick ? 'open-stall-quick' : 'open-stall', 'longest stall of its event loop', of('stall'));
  const uri = process.env.MONGO_TEST_URI;
  if (uri !== undefined) await mongodb(uri);
  else report.note('MONGODB WAS NOT MEASURED: set MONGO_TEST_URI, or start scripts/ci-mongo.sh, for its curves.');
} finally {
  built.remove();
}
report.close();
