// CPU of the main thread per streamed token, by speed and by what was said before.
import { costBetween, readCost, readMemory } from './page-cost.mjs';
import { bringHistory, newPerson, openAll, tokensOf } from './world.mjs';

const histories = [0, 100, 500];
const runs = [
  { perSecond: 50, tokens: 40 },
  { perSecond: 200, tokens: 160 },
  { perSecond: 1000, tokens: 800 },
];

/** Asks for an answer and waits for its beginning. */
export async function begin(world, { page }, { tokens, perSecond, characters = 5 }) {
  world.answer(tokensOf(tokens, characters), perSecond);
  await page.locator('#composer').fill(`Say it again, ${Math.random()}`);
  await page.locator('#composer').press('Enter');
  await page.locator('article[data-role="assistant"][aria-busy="true"]').waitFor();
}

export async function ended({ page }) {
  const over = () => document.querySelector('article[data-role="assistant"][aria-busy="true"]') === null;
  await page.waitForFunction(over, undefined, { polling: 100, timeout: 60_000 });
}

/** Lets one answer stream, from the key that sends to the end. @returns what it cost the main thread, in ms a token */
async function stream(world, person, run) {
  const before = await readCost(person.tools);
  await begin(world, person, run);
  await ended(person);
  return costBetween(before, await readCost(person.tools)).task / run.tokens;
}

/** Somebody behind so many turns whose page has drawn an answer before: the first one pays for what later ones find in place. */
export async function warmPerson(world, turns) {
  const person = await newPerson(world);
  await openAll(world, person, await bringHistory(world, person, turns));
  await begin(world, person, { tokens: 100, perSecond: 400 });
  await ended(person);
  return person;
}

export async function measureStreaming(world, report) {
  const rounds = report.quick ? 2 : 5;
  report.group('an answer in tokens of 5 characters, with all that sending it costs, by its speed and the turns before it');
  for (const turns of report.quick ? [0] : histories) {
    const person = await warmPerson(world, turns);
    for (const run of runs) {
      const costs = [];
      for (let round = 0; round < rounds; round += 1) costs.push(await stream(world, person, run));
      report.figure(`cpu-${run.perSecond}-${turns}`, `${run.perSecond}/s, ${turns} turns: CPU a token`, costs, { digits: 3 });
    }
    const { heapMb, nodes } = await readMemory(person.tools);
    report.figure(`heap-${turns}`, `${turns} turns: heap of the page after it`, [heapMb], { unit: 'MB', digits: 1 });
    report.figure(`nodes-${turns}`, `${turns} turns: nodes of the page`, [nodes], { unit: '', digits: 0 });
    await person.page.context().close();
  }
}
