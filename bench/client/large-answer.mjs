// One answer of 100 kB: in an empty chat, behind a long conversation, on a slow machine, and beside the same words without any markup.
import { setTimeout as pause } from 'node:timers/promises';
import { costBetween, readCost, readFrames, readMemory, traceTasks, watchFrames } from './page-cost.mjs';
import { begin, ended, warmPerson } from './streaming.mjs';
import { newPerson, tokensOf } from './world.mjs';

const perSecond = 200;
const characters = 25;
const answer = { tokens: 4000, perSecond, characters };
const windows = 5;

/** NaN of nothing */
const known = (values) => (values.some(Number.isFinite) ? values.filter(Number.isFinite) : [Number.NaN]);
const sum = (list, name) => list.reduce((all, one) => all + one[name], 0);

/** CPU over a part of the answer, in ms a token. @param sent tells how many tokens there were so far */
async function costOf({ tools }, ms, sent) {
  const begun = await sent();
  const before = await readCost(tools);
  await pause(ms);
  const cost = costBetween(before, await readCost(tools));
  const tokens = (await sent()) - begun;
  // On a machine that is too busy the answer may have come at another time.
  if (tokens < (ms / 1000) * perSecond * 0.25) return { task: Number.NaN, script: Number.NaN, layout: Number.NaN };
  return { task: cost.task / tokens, script: cost.script / tokens, layout: cost.layout / tokens };
}

/** @param traced the tasks of the main thread are recorded as well */
async function framesOf({ page, tools }, ms, traced) {
  const end = traced ? await traceTasks(tools) : async () => 0;
  await watchFrames(page);
  await pause(ms);
  const frames = await readFrames(page);
  return { ...frames, longestTask: await end() };
}

/** Parts of one answer, in which the CPU and the frames are watched in turn: who watches frames costs CPU. */
async function measureOne(world, turns, { throttle, tokens } = { throttle: 1, tokens: answer.tokens }) {
  const person = await warmPerson(world, turns);
  await person.tools.send('Emulation.setCPUThrottlingRate', { rate: throttle });
  await begin(world, person, { ...answer, tokens });
  const part = ((tokens / perSecond) * 1000 * 0.93) / windows / 2;
  const costs = [];
  const frames = [];
  for (let window = 0; window < windows; window += 1) {
    costs.push(await costOf(person, part, world.sent));
    frames.push(await framesOf(person, part, window === 3));
  }
  await ended(person);
  const memory = await readMemory(person.tools);
  await person.page.context().close();
  return { costs, frames, memory };
}

/** Runs in a page: the same words at the same speed into one `pre` of the same width, the end in sight. */
function appendPlainly({ tokens, rate }) {
  const [scroller, text] = [document.createElement('div'), document.createElement('pre')];
  Object.assign(scroller.style, { blockSize: '600px', overflow: 'auto' });
  Object.assign(text.style, { whiteSpace: 'pre-wrap', maxInlineSize: '48rem' });
  scroller.append(text);
  document.body.replaceChildren(scroller);
  const begun = performance.now();
  let next = 0;
  const timer = setInterval(() => {
    const due = Math.min(tokens.length, ((performance.now() - begun) / 1000) * rate);
    for (; next < due; next += 1) text.append(tokens[next]);
    globalThis.benchAppended = next;
    scroller.scrollTop = scroller.scrollHeight;
    if (next === tokens.length) clearInterval(timer);
  }, 1000 / rate);
}

async function measurePlainText(world) {
  const person = await newPerson(world);
  await person.page.goto(`${world.server.origin}/healthz`);
  const seconds = 8;
  await person.page.evaluate(appendPlainly, { tokens: tokensOf(perSecond * seconds, characters), rate: perSecond });
  const costs = [];
  const sent = () => person.page.evaluate(() => globalThis.benchAppended ?? 0);
  for (let window = 0; window < windows; window += 1) costs.push((await costOf(person, (seconds * 900) / windows, sent)).task);
  await person.page.context().close();
  return costs;
}

function reportCost(report, turns, { costs, frames, memory }) {
  const of = (name) => known(costs.map((cost) => cost[name]));
  report.figure(`cpu-large-${turns}`, `${turns} turns: CPU a token`, of('task'), { digits: 3 });
  report.figure(`script-large-${turns}`, '  of it script', of('script'), { digits: 3 });
  report.figure(`layout-large-${turns}`, '  of it style and layout', of('layout'), { digits: 3 });
  report.figure(
    `frame-large-${turns}`,
    '  longest frame of each part',
    frames.map(({ longest }) => longest),
    { digits: 1 },
  );
  const longest = Math.max(...frames.map(({ longestTask }) => longestTask));
  report.figure(`task-large-${turns}`, '  longest task, CPU, in one of the parts', [longest], { digits: 1 });
  report.figure(`heap-large-${turns}`, '  heap of the page after it', [memory.heapMb], { unit: 'MB', digits: 1 });
}

const longestOf = (frames) => [Math.max(...frames.map(({ longest }) => longest))];
const droppedOf = (frames) => [(100 * sum(frames, 'dropped')) / sum(frames, 'frames')];

export async function measureLargeAnswer(world, report) {
  const [empty, behind] = [await measureOne(world, 0), await measureOne(world, 500)];
  report.group('an answer of 100 kB in tokens of 25 characters at 200/s, in parts one after the other');
  reportCost(report, 0, empty);
  reportCost(report, 500, behind);
  const frames = [...empty.frames, ...behind.frames];
  const costs = known([...empty.costs, ...behind.costs].map(({ task }) => task));
  report.figure('cpu-large', 'both: CPU a token', costs, { digits: 3 });
  report.figure('frame-large', 'both: longest frame of all', longestOf(frames), { digits: 1 });
  report.figure('dropped-large', 'both: frames that did not come', droppedOf(frames), { unit: '%' });
  report.figure('long-tasks-large', 'both: tasks above 50 ms', [sum(frames, 'longTasks')], { unit: '', digits: 0 });
  const ratio = known(behind.costs.map(({ task }, window) => task / empty.costs[window].task));
  report.figure('history-ratio', '500 earlier turns against none', ratio, { unit: 'x' });
  const plain = await measurePlainText(world);
  report.figure('cpu-plain-text', 'the same words appended to a pre: CPU a token, the first half', known(plain), { digits: 3 });
  const against = known(empty.costs.map(({ task }, window) => task / plain[window]));
  report.figure('cpu-vs-plain-text', 'the answer against that', against, { unit: 'x' });
  const slow = await measureOne(world, 0, { throttle: 4, tokens: answer.tokens / 2 });
  report.figure('frame-large-4x', 'the first half of it at 4x throttle: longest frame', longestOf(slow.frames), { digits: 1 });
  report.figure('dropped-large-4x', 'the first half of it at 4x throttle: frames that did not come', droppedOf(slow.frames), { unit: '%' });
}
