// Token latency while passwords are tried: 0, 5, 20 and 40 a second, and how soon a try is refused that would wait too long.
import { setTimeout as sleep } from 'node:timers/promises';
import { startChild } from './harness/child.mjs';
import { quantile, ratios } from './harness/measure.mjs';
import { openReport, quick } from './harness/report.mjs';
import { startStreams } from './storms/streams.mjs';
import { threadTimes } from './storms/thread-time.mjs';

const RATES = [0, 5, 20, 40];
const ROUNDS = quick ? 2 : 5;
const SETTLE_MS = 300;
const WINDOW_MS = 1200;
/** Of the waiting tries: at most two seconds' worth of hashes. */
const DRAIN_MS = 2500;

const report = openReport('login-storm');
const streams = await startStreams();
const attacker = await startChild('login-attempts.mjs');

async function measure(rate) {
  await attacker.call('begin', streams.server.port, rate);
  await sleep(SETTLE_MS);
  const [before, begun] = [threadTimes(streams.pid), performance.now()];
  const window = await streams.window(WINDOW_MS);
  const [after, wall] = [threadTimes(streams.pid), performance.now() - begun];
  const tries = await attacker.call('end');
  const usual = after.usual - before.usual;
  return { ...window, ...tries, hashed: (100 * (after.low - before.low)) / Math.max(1, wall - usual) };
}

const columns = new Map(RATES.map((rate) => [rate, []]));
try {
  // Code is compiled, and the queue of passwords learns what a hash takes.
  await streams.begin();
  await measure(20);
  await attacker.call('quiet');
  await streams.end();
  for (let round = 0; round < ROUNDS; round += 1) {
    await streams.begin();
    for (const rate of RATES) columns.get(rate).push(await measure(rate));
    await streams.end();
    await Promise.race([attacker.call('quiet'), sleep(DRAIN_MS)]);
  }
} finally {
  await attacker.stop();
  await streams.stop();
}

const of = (rate, name) => columns.get(rate).map((window) => window[name]);
const most = RATES.at(-1);
for (const rate of RATES) {
  report.group(`100 answers of 50 tokens/s, ${rate} login attempts/s`);
  report.figure(`p50-${rate}`, 'token latency, p50', of(rate, 'p50'));
  report.figure(`p99-${rate}`, 'token latency, p99', of(rate, 'p99'));
  if (rate === 0) {
    report.figure('stall-0', 'longest stall of the event loop', of(rate, 'stalled'));
    continue;
  }
  report.figure(rate === most ? 'p99' : `p99-${rate}-vs-none`, 'p99 against none', ratios(of(rate, 'p99'), of(0, 'p99')), { unit: 'x' });
  report.figure(rate === most ? 'stall' : `stall-${rate}`, 'longest stall of the event loop', of(rate, 'stalled'));
  report.figure(`hashed-${rate}`, 'of the time that the core has left: spent on hashes', of(rate, 'hashed'), { unit: '%', digits: 0 });
}
report.group(`What becomes of the tries, ${most} a second`);
const { length } = columns.get(most);
for (const [name, label] of [
  ['judged', 'judged'],
  ['refused', 'refused, with the seconds to wait'],
  ['other', 'ended otherwise'],
]) {
  report.figure(name, label, [of(most, name).flat().length / length], { unit: 'per window', digits: 1 });
}
if (RATES.some((rate) => of(rate, 'other').flat().length > 0))
  report.fail('Tries were answered in another way than by a judgement or a refusal.');
report.figure(
  'hash-rate',
  'sign-ins judged, on the core that streams as well',
  of(most, 'judged').map((times) => (1000 * times.length) / (SETTLE_MS + WINDOW_MS)),
  { unit: '/s', digits: 1 },
);
report.figure(
  'refusal',
  'a refusal takes, p99',
  of(most, 'refused').map((times) => quantile(times, 0.99)),
);
report.figure(
  'refusal-p50',
  'a refusal takes, p50',
  of(most, 'refused').map((times) => quantile(times, 0.5)),
);
report.close();
