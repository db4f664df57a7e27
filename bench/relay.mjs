// What one token costs on its way: fake Gemini -> server (store, log, sign-in) -> WebSocket, against relays that keep nothing.
import { ratios, repeat } from './harness/measure.mjs';
import { measureWindow, startBareRelay, startFakeModel, startRealRelay } from './harness/relays.mjs';
import { openReport, quick } from './harness/report.mjs';

const ROUNDS = quick ? 2 : 5;
const WINDOW = quick ? { warmMs: 600, windowMs: 1200 } : { warmMs: 900, windowMs: 2000 };
const RATE = 50;
const LIMIT_MS = 50;
/** `@kf83hd8a1x word ` is kept once. */
const TEXT_BYTES = 17;
const report = openReport('relay');
const model = await startFakeModel();

/** The same load on each of them in turn, so that the machine does the same to all. */
async function inTurn(relays, streams, rounds) {
  const columns = {};
  await repeat(rounds, async () => {
    for (const relay of relays) {
      const window = await measureWindow(relay, { streams, rate: RATE, ...WINDOW });
      (columns[relay.name] ??= []).push(window);
    }
    return {};
  });
  return (name, field) => columns[name]?.map((window) => window[field]) ?? [Number.NaN];
}

function show(of, streams, names) {
  const label = { http: 'hand-written relay', sdk: 'bare relay over the SDK', server: 'the server' };
  for (const name of names) {
    report.figure(`cpu-${name}-${streams}`, `${label[name]}: CPU per token`, of(name, 'cpuPerToken'), { unit: 'us', digits: 1 });
    report.figure(`core-${name === 'server' ? streams : `${name}-${streams}`}`, `${label[name]}: of one core`, of(name, 'core'), {
      unit: '%',
      digits: 1,
    });
    report.figure(`p50-${name}-${streams}`, `${label[name]}: latency, p50`, of(name, 'p50'));
    report.figure(name === 'server' ? `added-p99-${streams}` : `p99-${name}-${streams}`, `${label[name]}: latency, p99`, of(name, 'p99'));
  }
  report.figure(
    `added-p99-${streams}-vs-raw`,
    'p99: the server against the hand-written relay',
    ratios(of('server', 'p99'), of('http', 'p99')),
    { unit: 'x' },
  );
  const lost = of('server', 'lost').reduce((sum, count) => sum + count, 0);
  report.figure(`lost-${streams}`, 'the server: tokens that did not arrive', [lost], { unit: '', digits: 0 });
  if (lost > 0) report.fail('Tokens were lost.');
}

async function compare(streams, kinds, rounds = ROUNDS) {
  const bare = await Promise.all(kinds.map((kind) => startBareRelay(kind, model, streams)));
  const real = await startRealRelay(model, streams);
  const relays = [...bare, real];
  try {
    // Code that runs for the first time is compiled.
    for (const relay of relays) await measureWindow(relay, { streams, rate: RATE, warmMs: 500, windowMs: 500 });
    const of = await inTurn(relays, streams, rounds);
    report.group(`${streams} ${streams === 1 ? 'answer' : 'answers'} of ${RATE} tokens/s`);
    show(of, streams, [...kinds, 'server']);
    if (streams === 1) return;
    const cost = (name) => of(name, 'cpuPerToken');
    report.figure(
      streams === 100 ? 'cost-vs-raw' : `cost-vs-raw-${streams}`,
      'CPU per token: the server against the hand-written relay',
      ratios(cost('server'), cost('http')),
      { unit: 'x' },
    );
    if (kinds.includes('sdk')) {
      report.figure(
        streams === 100 ? 'cost-vs-sdk' : `cost-vs-sdk-${streams}`,
        'CPU per token: the server against the bare relay over the SDK',
        ratios(cost('server'), cost('sdk')),
        { unit: 'x' },
      );
      report.figure(
        `sdk-vs-raw-${streams}`,
        'CPU per token: the bare SDK against the hand-written relay',
        ratios(cost('sdk'), cost('http')),
        { unit: 'x' },
      );
    }
  } finally {
    for (const relay of relays) await relay.stop();
  }
}

/** Heap after collections: 100 answers after two seconds and after ten, against the same sockets at rest. */
async function measureHeap() {
  const streams = 100;
  const relay = await startRealRelay(model, streams);
  const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
  const [perStream, perToken] = [[], []];
  try {
    await measureWindow(relay, { streams, rate: RATE, warmMs: 300, windowMs: 500 });
    for (let round = 0; round < (quick ? 1 : 3); round += 1) {
      const rest = await relay.heapBytes();
      await relay.readers.call('ask', `tokens=${RATE * 8} rate=${RATE}`, streams);
      await relay.readers.call('read');
      await sleep(1500);
      const [early, few] = [await relay.heapBytes(), (await relay.readers.call('read')).tokens];
      await sleep(5000);
      const [late, more] = [await relay.heapBytes(), (await relay.readers.call('read')).tokens];
      await relay.readers.call('finished');
      perStream.push((late - rest) / streams / 1024);
      perToken.push((late - early) / more - TEXT_BYTES);
      if (few === 0) throw new Error('nothing streamed');
    }
  } finally {
    await relay.stop();
  }
  report.group('Memory of 100 answers, after collections');
  report.figure('heap-per-stream', 'heap for each active answer, after 325 tokens', perStream, { unit: 'KiB', digits: 1 });
  report.figure('heap-per-token', 'heap kept for each token beyond its text', perToken, { unit: 'B', digits: 1 });
}

/** More and more answers until the p99 passes the limit or the load itself comes late. */
async function findMost() {
  const steps = [400, 600, 800, 1000, 1200];
  const relay = await startRealRelay(model, steps.at(-1));
  let most = 0;
  try {
    await measureWindow(relay, { streams: 100, rate: RATE, warmMs: 500, windowMs: 500 });
    for (const streams of steps) {
      await model.call('read');
      const { p99, lost } = await measureWindow(relay, { streams, rate: RATE, warmMs: 1200, windowMs: 2000 });
      const { lateP99 } = await model.call('read');
      if (lateP99 > LIMIT_MS) report.note('The stand-in for the model came late itself: what the server could do beyond is not known.');
      if (p99 > LIMIT_MS || lost > 0 || lateP99 > LIMIT_MS) break;
      most = streams;
    }
  } finally {
    await relay.stop();
  }
  report.group('The most');
  report.figure('most', `answers of ${RATE} tokens/s with a p99 below ${LIMIT_MS} ms`, [most], { unit: '', digits: 0 });
}

try {
  if (!quick) await compare(1, ['http', 'sdk'], 5);
  await compare(100, ['http', 'sdk']);
  if (!quick) {
    await compare(500, ['http']);
    await measureHeap();
    await findMost();
  }
} finally {
  await model.stop();
}
report.close();
