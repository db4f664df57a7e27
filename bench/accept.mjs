// Accepted messages with fsync and search index: what services/generations writes, by many writers at once, beside a bare worker.
import { statfsSync } from 'node:fs';
import { startChild } from './harness/child.mjs';
import { temporaryFolder } from './harness/leftovers.mjs';
import { ratios, repeat } from './harness/measure.mjs';
import { openReport, quick } from './harness/report.mjs';
import { buildStore } from './load/built-store.mjs';

const WRITERS = 64;
const COUNT = quick ? 3200 : 8000;
const ROUNDS = quick ? 3 : 5;

/** `statfs` of a file system in memory (Linux): an fsync costs nothing there. */
const TMPFS = 0x01021994;
const report = openReport('accept');
const folder = temporaryFolder('accept');
if (statfsSync(folder).type === TMPFS)
  report.note('THE FOLDER OF TEMPORARY FILES LIES IN MEMORY: no fsync is paid for. Set TMPDIR to a folder on a disk.');
const built = await buildStore();
// Both threads of it may run at a time, as those of the server do.
const writers = await startChild('accept-writers.mjs', { args: [built.file, folder], prefix: [] });
try {
  await writers.call('round', { writers: WRITERS, count: 800 });
  const rounds = await repeat(ROUNDS, () => writers.call('round', { writers: WRITERS, count: COUNT }));
  const of = (name, field) => rounds[name].map((round) => round[field]);
  const rate = { unit: '/s', digits: 0 };
  const cost = { unit: 'us', digits: 0 };

  report.group(`${WRITERS} writers, each message on the disk before the next`);
  report.figure('control-rate', 'a bare worker, three rows, two indexes', of('bare', 'rate'), rate);
  report.figure('rate', 'accepted messages: question, answer, generation, search index', of('store', 'rate'), rate);
  report.figure('rate-vs-control', 'the same against the bare worker', ratios(of('store', 'rate'), of('bare', 'rate')), { unit: 'x' });
  report.figure('p99', 'until it is on the disk, p99', of('store', 'p99'));
  report.figure('new-rate', 'each begins a conversation', of('begun', 'rate'), rate);
  report.group('CPU of both threads for a message');
  report.figure('control-cpu', 'a bare worker, three rows, two indexes', of('bare', 'cpuUs'), cost);
  report.figure('cpu', 'accepted message', of('store', 'cpuUs'), cost);
  report.figure('new-cpu', 'accepted message that begins a conversation', of('begun', 'cpuUs'), cost);
  report.group('One writer');
  report.figure('one-rate', 'accepted messages that begin a conversation', of('one', 'rate'), rate);
  await writers.call('end');
} finally {
  await writers.stop();
  built.remove();
}
report.close();
