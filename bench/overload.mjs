// Twice the load that one core is to hold, and a flood: how late tokens come, whether one is lost, and how many arrive at the most.
import { measureWindow, startFakeModel, startRealRelay } from './harness/relays.mjs';
import { openReport, quick } from './harness/report.mjs';

const ROUNDS = quick ? 1 : 5;
const USUAL = { streams: quick ? 100 : 500, rate: 50 };
/** The same machine plays the model and the readers, so the flood stops where they come late. */
const FLOOD = (quick ? [1000] : [1000, 2000, 4000, 8000]).map((rate) => ({ streams: 50, rate }));
const LOAD_LATE_MS = 100;
const report = openReport('overload');
const model = await startFakeModel();
const relay = await startRealRelay(model, 2 * USUAL.streams);

async function windows(load, rounds, times = {}) {
  const seen = [];
  for (let round = 0; round < rounds; round += 1) {
    await model.call('read');
    const window = await measureWindow(relay, { ...load, warmMs: quick ? 600 : 1000, windowMs: quick ? 1000 : 1500, ...times });
    seen.push({ ...window, lateP99: (await model.call('read')).lateP99 });
  }
  return (field) => seen.map((window) => window[field]);
}

function show(name, title, of) {
  report.group(title);
  report.figure(`core-${name}`, 'of one core', of('core'), { unit: '%', digits: 0 });
  report.figure(`p50-${name}`, 'latency, p50', of('p50'));
  report.figure(`per-frame-${name}`, 'tokens in a frame', of('perFrame'), { unit: '', digits: 2 });
  report.figure(`late-${name}`, 'how late the stand-in for the model was itself, p99', of('lateP99'));
}

/** The first tokens of answers that begin while others stream. */
async function firstTokens(load) {
  const [firsts, lostOfFirst] = [[], []];
  for (let round = 0; round < ROUNDS; round += 1) {
    const { streams, rate } = load;
    await relay.readers.call('ask', `tokens=${rate} rate=${rate}`, streams);
    const { stamps } = await relay.readers.call('finished');
    lostOfFirst.push(streams * rate - stamps);
    firsts.push((await relay.readers.call('read')).firstP99);
  }
  return { firsts, lost: lostOfFirst };
}

try {
  await measureWindow(relay, { streams: 100, rate: 50, warmMs: 500, windowMs: 500 });
  const usual = await windows(USUAL, ROUNDS);
  show('usual', `${USUAL.streams} answers of ${USUAL.rate} tokens/s`, usual);
  report.figure('p99-usual', 'latency, p99', usual('p99'));
  const twice = { streams: 2 * USUAL.streams, rate: USUAL.rate };
  const over = await windows(twice, ROUNDS);
  show('twice', `Twice that: ${twice.streams} answers`, over);
  report.figure('p99', 'latency, p99', over('p99'));
  const begun = await firstTokens(twice);
  report.figure('first-token', 'the first token of each answer, all of them asked for at once, p99', begun.firsts);
  const flood = await findMost();
  const lost = [...usual('lost'), ...over('lost'), ...begun.lost, ...flood.lost].reduce((sum, count) => sum + count, 0);
  report.group('In all');
  report.figure('delivered', 'tokens delivered, at the most', flood.of('rate'), { unit: '/s', digits: 0 });
  report.figure('delivered-per-frame', 'tokens in a frame then', flood.of('perFrame'), { unit: '', digits: 1 });
  report.figure('delivered-cpu', 'CPU per token then', flood.of('cpuPerToken'), { unit: 'us', digits: 2 });
  report.figure('delivered-core', 'of one core then: below nine tenths the load was what limits', flood.of('core'), {
    unit: '%',
    digits: 0,
  });
  report.figure('lost', 'tokens that did not arrive', [lost], { unit: '', digits: 0 });
  if (lost > 0) report.fail('Tokens were lost.');
} finally {
  await relay.stop();
  await model.stop();
}
report.close();

/** Faster and faster, until no more come out than before; then at that speed again. */
async function findMost() {
  let best = { rate: 0 };
  const lost = [];
  const once = async (load, rounds = 1) => {
    const of = await windows(load, rounds, { warmMs: 1000, windowMs: 1500 });
    lost.push(...of('lost'));
    return of;
  };
  for (const load of FLOOD) {
    const of = await once(load);
    const [rate] = of('rate');
    if (rate > best.rate) best = { rate, load };
    if (of('lateP99')[0] > LOAD_LATE_MS) {
      report.note('The stand-in for the model came late itself: what the server could deliver beyond is not known.');
      break;
    }
    if (rate < best.rate) break;
  }
  return { of: await once(best.load, ROUNDS), lost };
}
