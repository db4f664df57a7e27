// One answer read by a thousand sockets, and fifty that are read by twenty each: what a frame costs beside ws alone with the same frames.
import { setTimeout as sleep } from 'node:timers/promises';
import { startChild } from './harness/child.mjs';
import { onServerCore } from './harness/cores.mjs';
import { ratios, repeat } from './harness/measure.mjs';
import { startFakeModel, startRealRelay } from './harness/relays.mjs';
import { openReport, quick } from './harness/report.mjs';

const SOCKETS = quick ? 200 : 1000;
const ROUNDS = quick ? 2 : 5;
const WINDOW_MS = quick ? 700 : 800;
const RATE = 20;
const AROUND_MS = 700;
const report = openReport('fanout');
const model = await startFakeModel();

async function startBare(size) {
  const bare = await startChild('bare-fan.mjs', { prefix: onServerCore });
  const readers = await startChild('fan-readers.mjs');
  await readers.call('open', await bare.call('listen'), { token: null, count: SOCKETS, size });
  const begin = () => bare.call('begin', size, RATE);
  const end = () => bare.call('end');
  return { readers, begin, end, cpuMs: () => bare.call('cpu'), stop: () => Promise.all([readers.stop(), bare.stop()]) };
}

async function startReal(size) {
  const relay = await startRealRelay(model, 1);
  const readers = await startChild('fan-readers.mjs');
  const [token] = relay.people;
  await readers.call('open', relay.server.port, { token, count: SOCKETS, size });
  // An answer for each round, a little longer than what is measured of it.
  const begin = () => readers.call('ask', `tokens=${Math.ceil((RATE * (WINDOW_MS + AROUND_MS)) / 1000)} rate=${RATE}`);
  return { readers, begin, end: () => sleep(AROUND_MS), cpuMs: relay.cpuMs, stop: () => Promise.all([readers.stop(), relay.stop()]) };
}

async function measured({ readers, cpuMs, begin, end }) {
  await begin();
  await sleep(200);
  await readers.call('read');
  const [begunMs, begun] = [await cpuMs(), performance.now()];
  await sleep(WINDOW_MS);
  const [cpu, wall] = [(await cpuMs()) - begunMs, performance.now() - begun];
  const { tokens, frames, p99 } = await readers.call('read');
  await end();
  return {
    cost: (cpu * 1000) / frames,
    costOfToken: (cpu * 1000) / tokens,
    core: (100 * cpu) / wall,
    frames: (frames * 1000) / wall,
    perFrame: tokens / frames,
    p99,
  };
}

async function compare(suffix, title, size) {
  const bare = await startBare(size);
  const real = await startReal(size);
  try {
    // In turn: the machine does the same to both, and neither runs while the other is measured.
    const { raw, own } = await repeat(ROUNDS, async () => ({ raw: await measured(bare), own: await measured(real) }));
    const of = (all, field) => all.map((one) => one[field]);
    report.group(title);
    report.figure(`frame-vs-raw${suffix}`, 'CPU for each frame: the server against ws alone', ratios(of(own, 'cost'), of(raw, 'cost')), {
      unit: 'x',
    });
    report.figure(`token-vs-raw${suffix}`, 'the same for each token', ratios(of(own, 'costOfToken'), of(raw, 'costOfToken')), {
      unit: 'x',
    });
    report.figure(`per-frame${suffix}`, 'the server: tokens in a frame; ws alone sends each by itself', of(own, 'perFrame'), { unit: '' });
    for (const [name, label, all] of [
      ['raw', 'ws alone', raw],
      ['server', 'the server', own],
    ]) {
      report.figure(`cpu-${name}${suffix}`, `${label}: CPU for each frame`, of(all, 'cost'), { unit: 'us' });
      report.figure(`frames-${name}${suffix}`, `${label}: frames`, of(all, 'frames'), { unit: '/s', digits: 0 });
      report.figure(`p99-${name}${suffix}`, `${label}: latency, p99`, of(all, 'p99'));
    }
  } finally {
    await Promise.all([bare.stop(), real.stop()]);
  }
}

try {
  await compare('', `${SOCKETS} sockets of one conversation, ${RATE} tokens/s`, SOCKETS);
  await compare('-many', `${SOCKETS} sockets of ${SOCKETS / 20} conversations, ${RATE} tokens/s each`, 20);
} finally {
  await model.stop();
}
report.close();
