// An hour of ordinary use at an easy pace (BENCH_MINUTES, default 60): whether memory grows with what was done, and what went wrong meanwhile.
import { setTimeout as sleep } from 'node:timers/promises';
import { startChild } from './harness/child.mjs';
import { median } from './harness/measure.mjs';
import { startFakeModel, startRealRelay } from './harness/relays.mjs';
import { openReport } from './harness/report.mjs';

const MINUTES = Number(process.env.BENCH_MINUTES ?? 60);
const PEOPLE = Number(process.env.BENCH_PEOPLE ?? 8);
const SAMPLE_MS = 10_000;
/** Caches fill and code is compiled first: at least so long, and at most a third of the time. */
const WARM_MS = Math.min(10 * 60_000, (MINUTES * 60_000) / 3);
const METRICS_TOKEN = 'bench-token-of-this-run';
const MEBIBYTE = 2 ** 20;

const report = openReport('soak');
const model = await startFakeModel();
const relay = await startRealRelay(model, PEOPLE, {
  env: { METRICS_TOKEN, BCRYPT_COST: '10', LIMIT_JOBS_PER_USER: '0', UPLOAD_QUOTA_BYTES: '0' },
  nodeArgs: (process.env.BENCH_NODE_ARGS ?? '').split(' ').filter((word) => word !== ''),
});
await relay.readers.stop();
const people = await startChild('soak-people.mjs');

async function gauge(name) {
  const response = await fetch(`${relay.server.origin}/metrics`, { headers: { authorization: `Bearer ${METRICS_TOKEN}` } });
  return Number(new RegExp(`^${name} (\\S+)`, 'm').exec(await response.text())?.[1] ?? Number.NaN);
}

async function sample() {
  const heapInUse = await gauge('process_heap_bytes');
  const after = await relay.heapBytes();
  const { answers, errors } = await people.call('read');
  return { at: performance.now(), rss: relay.server.rssBytes(), heapInUse, heap: after, answers, errors };
}

/** The median of the slopes between all pairs (Theil 1950, Sen 1968): single peaks do not turn it. */
function slope(points, x, y) {
  const slopes = points.flatMap((to, index) =>
    points.slice(0, index).flatMap((from) => (to[x] > from[x] ? [(to[y] - from[y]) / (to[x] - from[x])] : [])),
  );
  return slopes.length === 0 ? Number.NaN : median(slopes);
}

const samples = [];
await people.call('begin', relay.server.port, relay.people);
const [begun, cpuBegun] = [performance.now(), relay.server.cpuMs()];
for (let lastTold = begun; performance.now() < begun + MINUTES * 60_000; ) {
  await sleep(SAMPLE_MS);
  samples.push(await sample());
  if (performance.now() - lastTold < 60_000) continue;
  lastTold = performance.now();
  const { rss, heapInUse, heap, answers, errors } = samples.at(-1);
  const mib = (bytes) => (bytes / MEBIBYTE).toFixed(1).padStart(7);
  const minutes = ((lastTold - begun) / 60_000).toFixed(0);
  console.log(
    `  ${minutes.padStart(3)} min: RSS ${mib(rss)}, heap ${mib(heapInUse)}, after a collection ${mib(heap)} MiB, ${answers} answers, ${errors} errors`,
  );
}
const cpu = (relay.server.cpuMs() - cpuBegun) / (performance.now() - begun);
await people.call('stop');
const done = await people.call('read');
const late = samples.filter(({ at }) => at > begun + WARM_MS);
const [first, last] = [late[0], late.at(-1)];

report.group(`${MINUTES} minutes, ${PEOPLE} people`);
for (const name of ['answers', 'opens', 'searches', 'uploads', 'jobs', 'connects'])
  report.figure(name, name, [done[name]], { unit: '', digits: 0 });
report.figure('errors', 'errors', [done.errors], { unit: '', digits: 0 });
if (done.errors > 0) report.fail(JSON.stringify(done.what));
report.figure('core', 'the server: of one core', [100 * cpu], { unit: '%', digits: 1 });
report.group('Memory, after the warm-up');
report.figure('rss-first', 'RSS at its beginning', [first.rss / MEBIBYTE], { unit: 'MiB', digits: 1 });
report.figure('rss-last', 'RSS at the end', [last.rss / MEBIBYTE], { unit: 'MiB', digits: 1 });
report.figure('heap-first', 'heap after a collection, at its beginning', [first.heap / MEBIBYTE], { unit: 'MiB', digits: 2 });
report.figure('heap-last', 'heap after a collection, at the end', [last.heap / MEBIBYTE], { unit: 'MiB', digits: 2 });
for (const [id, label] of [
  ['rss', 'RSS'],
  ['heap', 'heap after a collection'],
]) {
  report.figure(`${id}-per-hour`, `${label}: slope per hour`, [(slope(late, 'at', id) * 3_600_000) / MEBIBYTE], { unit: 'MiB', digits: 2 });
  report.figure(`${id}-per-1000`, `${label}: slope per 1,000 answers`, [(slope(late, 'answers', id) * 1000) / 1024], {
    unit: 'KiB',
    digits: 1,
  });
}
await people.stop();
await relay.server.stop();
await model.stop();
report.close();
