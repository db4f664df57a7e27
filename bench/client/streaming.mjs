// CPU of the main thread per streamed token, by speed and by what was said before.
import { figure, heading, median } from './figures.mjs';
import { readCost, readFrames, readMemory, traceTasks, watchFrames } from './page-cost.mjs';
import { bringHistory, newPerson, openAll, tokensOf } from './world.mjs';

const HISTORIES = [0, 100, 500];
const RUNS = [
  { perSecond: 50, tokens: 200 },
  { perSecond: 200, tokens: 1000 },
  { perSecond: 1000, tokens: 2000 },
];
const ROUNDS = 3;
const CHARACTERS = 5;

/** Lets one answer stream. @returns what it cost the main thread */
export async function stream(world, person, { tokens, perSecond, characters = CHARACTERS }) {
  const { page, tools } = person;
  world.answer(tokensOf(tokens, characters), perSecond);
  const cost = await readCost(tools);
  await page.locator('#composer').fill(`Say it again, ${Math.random()}`);
  await page.locator('#composer').press('Enter');
  await page.locator('article[data-role="assistant"][aria-busy="true"]').waitFor();
  await page.waitForFunction(() => document.querySelector('article[data-role="assistant"][aria-busy="true"]') === null, undefined, {
    polling: 200,
  });
  const after = await readCost(tools);
  const of = (name) => (1000 * (after[name] - cost[name])) / tokens;
  return { task: of('TaskDuration'), script: of('ScriptDuration'), layout: of('LayoutDuration') + of('RecalcStyleDuration') };
}

async function measureHistory(world, turns) {
  const person = await newPerson(world);
  await openAll(world, person, await bringHistory(world, person, turns));
  // The first answer pays for what later ones find in place: the address of the conversation, the code of the colours.
  await stream(world, person, { tokens: 100, perSecond: 200 });
  const costs = new Map();
  for (const run of RUNS) {
    const rounds = [];
    for (let round = 0; round < ROUNDS; round += 1) rounds.push(await stream(world, person, run));
    costs.set(run.perSecond, rounds);
  }
  await watchFrames(person.page);
  await stream(world, person, RUNS[1]);
  const frames = await readFrames(person.page);
  const end = await traceTasks(person.tools);
  await stream(world, person, RUNS[1]);
  const trace = await end();
  const memory = await readMemory(person.tools);
  await person.page.context().close();
  return { costs, frames, trace, memory };
}

export async function measureStreaming(world) {
  const middle = new Map();
  for (const turns of HISTORIES) {
    const { costs, frames, trace, memory } = await measureHistory(world, turns);
    heading(`an answer behind ${turns} earlier turns`);
    for (const [perSecond, rounds] of costs) {
      const task = rounds.map((round) => round.task);
      middle.set(`${turns} ${perSecond}`, median(task));
      // Below the rate of the frames each token has a frame to itself.
      figure(`CPU per token at ${perSecond}/s`, task, { digits: 3, ...(perSecond >= 200 ? { most: 1 } : {}) });
      figure(
        '  of it script',
        rounds.map((round) => round.script),
        { digits: 3 },
      );
      figure(
        '  of it style and layout',
        rounds.map((round) => round.layout),
        { digits: 3 },
      );
    }
    figure('longest frame at 200/s', [frames.longest], { digits: 1, most: 33.4 });
    figure('dropped frames at 200/s', [frames.droppedShare], { unit: '%', most: 0.5 });
    figure('longest task at 200/s, CPU', [trace.longestCpu], { digits: 1, most: 33 });
    figure('tasks above 50 ms at 200/s, wall time', [trace.longTasks], { unit: '', digits: 0, most: 0 });
    figure('layouts that a script forced, per token', [trace.forced / RUNS[1].tokens], { unit: '', digits: 3, target: 'none', most: 0.01 });
    figure('heap after it', [memory.heapMb], { unit: 'MB', digits: 1 });
    figure('nodes of the page', [memory.nodes], { unit: '', digits: 0 });
  }
  heading('500 earlier turns against none');
  for (const { perSecond } of RUNS) {
    const ratio = (middle.get(`500 ${perSecond}`) ?? 0) / (middle.get(`0 ${perSecond}`) ?? 1);
    figure(`CPU per token at ${perSecond}/s`, [ratio], { unit: 'x', most: 1.2 });
  }
}
