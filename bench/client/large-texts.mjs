// A long paste, a long block of code, and an answer of 100 kB.
import { figure, heading } from './figures.mjs';
import { readCost, readFrames, readMemory, watchFrames } from './page-cost.mjs';
import { stream } from './streaming.mjs';
import { bringHistory, newPerson, openAll } from './world.mjs';

const ROUNDS = 3;
const PASTE_BYTES = 160_000;
const CODE_LINES = 20_000;

/** Pastes into the composer, as the keyboard does. @returns CPU of the main thread and the time until the next frame is there, in ms */
async function paste({ page, tools }, text) {
  await page.locator('#composer').fill('');
  await page.locator('#composer').focus();
  const before = await readCost(tools);
  const wall = await page.evaluate(async (words) => {
    const begun = performance.now();
    document.execCommand('insertText', false, words);
    await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
    return performance.now() - begun;
  }, text);
  const after = await readCost(tools);
  return { cpu: 1000 * (after.TaskDuration - before.TaskDuration), wall };
}

async function measurePaste(world) {
  const person = await newPerson(world);
  await openAll(world, person, '/');
  const words = 'What is pasted is often a log, and a log is long. ';
  const text = words.repeat(Math.ceil(PASTE_BYTES / words.length)).slice(0, PASTE_BYTES);
  const rounds = [];
  for (let round = 0; round < ROUNDS; round += 1) rounds.push(await paste(person, text));
  heading('160 kB pasted into the composer');
  figure(
    'CPU',
    rounds.map(({ cpu }) => cpu),
    { digits: 0 },
  );
  figure(
    'until it is painted',
    rounds.map(({ wall }) => wall),
    { digits: 0, most: 200 },
  );
  const key = [];
  for (let round = 0; round < 5; round += 1) {
    const before = await readCost(person.tools);
    await person.page.keyboard.type('ab');
    key.push((1000 * ((await readCost(person.tools)).TaskDuration - before.TaskDuration)) / 2);
  }
  figure('CPU of a key after it', key, { digits: 1, most: 33 });
  await person.page.context().close();
}

async function measureCode(world) {
  const person = await newPerson(world);
  await openAll(world, person, '/');
  const lines = Array.from({ length: CODE_LINES }, (_, line) => `const value${line} = compute(${line}, 'some words');`);
  const tokens = [
    '```ts\n',
    ...Array.from({ length: 400 }, (_, part) => `${lines.slice(part * 50, part * 50 + 50).join('\n')}\n`),
    '```\n',
  ];
  world.answer(tokens, 200);
  await watchFrames(person.page);
  const before = await readCost(person.tools);
  await person.page.locator('#composer').fill('All of it');
  await person.page.locator('#composer').press('Enter');
  await person.page.locator('article[data-role="assistant"][aria-busy="false"]').last().waitFor();
  const after = await readCost(person.tools);
  const frames = await readFrames(person.page);
  const { nodes } = await readMemory(person.tools);
  heading('a block of code of 20,000 lines (1 MB), 10,000 lines a second');
  figure('CPU in all', [1000 * (after.TaskDuration - before.TaskDuration)], { digits: 0 });
  figure('longest frame', [frames.longest], { digits: 0, most: 200 });
  figure('nodes of the page', [nodes], { unit: '', digits: 0 });
  await person.page.context().close();
}

async function measureLongAnswer(world, turns) {
  const person = await newPerson(world);
  await openAll(world, person, await bringHistory(world, person, turns));
  await stream(world, person, { tokens: 50, perSecond: 200 });
  const { task, script } = await stream(world, person, { tokens: 4000, perSecond: 200, characters: 25 });
  await watchFrames(person.page);
  await stream(world, person, { tokens: 4000, perSecond: 200, characters: 25 });
  const frames = await readFrames(person.page);
  heading(`an answer of 100 kB in tokens of 25 characters at 200/s, behind ${turns} earlier turns`);
  figure('CPU per token', [task], { digits: 3, most: 1 });
  figure('  of it script', [script], { digits: 3 });
  figure('longest frame', [frames.longest], { digits: 1, most: 33.4 });
  figure('dropped frames', [frames.droppedShare], { unit: '%', most: 0.5 });
  await person.page.context().close();
}

export async function measureLargeTexts(world) {
  await measurePaste(world);
  await measureCode(world);
  await measureLongAnswer(world, 0);
  await measureLongAnswer(world, 500);
}
