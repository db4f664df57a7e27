// What one token costs on its way: fake Gemini -> server (store, log, sign-in) -> WebSocket, against relays that keep nothing.
import { setTimeout as sleep } from 'node:timers/promises';
import { median, ratios, repeat } from './harness/measure.mjs';
import { measureWindow, startBareRelay, startFakeModel, startRealRelay } from './harness/relays.mjs';
import { openReport, quick } from './harness/report.mjs';

const ROUNDS = quick ? 2 : 5;
const WINDOW = quick ? { warmMs: 600, windowMs: 1200 } : { warmMs: 500, windowMs: 1300 };
const RATE = 50;
const LIMIT_MS = 50;
/** A timer of a quiet machine is seldom later. */
const LOAD_LATE_MS = 5;
/** `@kf83hd8a1x word ` is kept once. */
const TEXT_BYTES = 17;
const report = openReport('relay');
const model = await startFakeModel();

/** The same load on each of them in turn, so that the machine does the same to all. */
async function inTurn(relays, streams) {
  const columns = {};
  await repeat(ROUNDS, async () => {
    for (const relay of relays) {
      await model.call('read');
      const window = await measureWindow(relay, { streams, rate: RATE, ...WINDOW });
      (columns[relay.name] ??= []).push({ ...window, ...(await model.call('read')) });
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
  report.figure(`per-frame-${streams}`, 'the server: tokens in a frame', of('server', 'perFrame'), { unit: '' });
  report.figure(`late-${streams}`, 'the stand-in for the model came late itself by, p99', of('server', 'lateP99'));
  if (median(of('server', 'lateP99')) > LOAD_LATE_MS)
    report.note(
      'The load came late itself, because the machine did other things as well: latencies and costs are not those of a quiet run.',
    );
  const lost = of('server', 'lost').reduce((sum, count) => sum + count, 0);
  report.figure(`lost-${streams}`, 'the server: tokens that did not arrive, of all repetitions', [lost], { unit: '', digits: 0 });
  if (lost > 0) report.fail('Tokens were lost.');
}

async function compare(streams, kinds) {
  const bare = await Promise.all(kinds.map((kind) => startBareRelay(kind, model, streams)));
  const real = await startRealRelay(model, streams);
  const relays = [...bare, real];
  try {
    // Code that runs for the first time is compiled.
    for (const relay of relays) await measureWindow(relay, { streams, rate: RATE, warmMs: 400, windowMs: 400 });
    const of = await inTurn(relays, streams);
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

const [EARLY_MS, LATE_MS] = [1500, 4000];
/** Heap after collections: 100 answers soon after they began and later, against the same sockets at rest. */
async function measureHeap() {
  const streams = 100;
  const relay = await startRealRelay(model, streams);
  const [perStream, perToken] = [[], []];
  try {
    await measureWindow(relay, { streams, rate: RATE, warmMs: 300, windowMs: 500 });
    for (let round = 0; round < (quick ? 1 : 5); round += 1) {
      const rest = await relay.heapBytes();
      await relay.readers.call('ask', `tokens=${RATE * 7} rate=${RATE}`, streams);
      await relay.readers.call('read');
      await sleep(EARLY_MS);
      const [early, few] = [await relay.heapBytes(), (await relay.readers.call('read')).tokens];
      await sleep(LATE_MS);
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
  report.figure('heap-per-stream', `heap for each active answer, after ${((EARLY_MS + LATE_MS) * RATE) / 1000} tokens`, perStream, {
    unit: 'KiB',
    digits: 1,
  });
  report.figure('heap-per-token', 'heap kept for each token beyond its text', perToken, { unit: 'B', digits: 1 });
}

/** @returns whether so many answers at once stay below the limit, and whether the load itself does */
async function tryMany(relay, streams) {
  await model.call('read');
  const { p99, lost } = await measureWindow(relay, { streams, rate: RATE, warmMs: 800, windowMs: 1200 });
  const { lateP99 } = await model.call('read');
  return { held: p99 <= LIMIT_MS && lost === 0 && lateP99 <= LIMIT_MS, late: lateP99 > LIMIT_MS };
}

/** More and more answers until the p99 passes the limit or the load itself comes late; then again from there, up or down. */
async function findMost() {
  const steps = [0, 400, 600, 800, 1000, 1200];
  const relay = await startRealRelay(model, steps.at(-1));
  const most = [];
  let late = false;
  try {
    await measureWindow(relay, { streams: 100, rate: RATE, warmMs: 500, windowMs: 500 });
    for (let at = 0; most.length < ROUNDS; most.push(steps[at])) {
      let up = true;
      const tried = async (step) => {
        const seen = await tryMany(relay, steps[step]);
        late ||= seen.late;
        return seen.held;
      };
      while (at > 0 && !(await tried(at))) {
        at -= 1;
        up = false;
      }
      while (up && at + 1 < steps.length && (await tried(at + 1))) at += 1;
    }
  } finally {
    await relay.stop();
  }
  report.group('The most');
  report.figure('most', `answers of ${RATE} tokens/s with a p99 below ${LIMIT_MS} ms, in steps of 200`, most, { unit: '', digits: 0 });
  if (late) report.note('The stand-in for the model came late itself: what the server could do beyond is not known.');
  if (most.includes(steps.at(-1))) report.note('More than the last step was not tried.');
}

try {
  if (!quick) await compare(1, ['http']);
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
