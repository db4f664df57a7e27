// A long paste and a long block of code.
import { costBetween, readCost, readFrames, readMemory, watchFrames } from './page-cost.mjs';
import { ended } from './streaming.mjs';
import { newPerson, openAll } from './world.mjs';

const rounds = 5;
const pasteBytes = 160_000;
const codeLines = 20_000;

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
  return { cpu: costBetween(before, await readCost(tools)).task, wall };
}

/** CPU of one key and its frame, in ms. */
async function key({ page, tools }) {
  const before = await readCost(tools);
  await page.keyboard.type('a');
  await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))));
  return costBetween(before, await readCost(tools)).task;
}

export async function measurePaste(world, report) {
  const person = await newPerson(world);
  await openAll(world, person, '/');
  const words = 'What is pasted is often a log, and a log is long. ';
  const text = words.repeat(Math.ceil(pasteBytes / words.length)).slice(0, pasteBytes);
  const all = [];
  for (let round = 0; round < rounds; round += 1) all.push(await paste(person, text));
  const keys = [];
  for (let round = 0; round < rounds; round += 1) keys.push(await key(person));
  report.group('160 kB pasted into the composer');
  report.figure(
    'paste-cpu',
    'CPU',
    all.map(({ cpu }) => cpu),
    { digits: 0 },
  );
  report.figure(
    'paste-painted',
    'until it is painted',
    all.map(({ wall }) => wall),
    { digits: 0 },
  );
  report.figure('key-after-paste', 'CPU of a key after it, with its frame', keys, { digits: 1 });
  await person.page.context().close();
}

async function streamCode(world, person) {
  const lines = Array.from({ length: codeLines }, (_, line) => `const value${line} = compute(${line}, 'some words');`);
  const parts = Array.from({ length: 400 }, (_, part) => `${lines.slice(part * 50, part * 50 + 50).join('\n')}\n`);
  world.answer(['```ts\n', ...parts, '```\n'], 200);
  await watchFrames(person.page);
  const before = await readCost(person.tools);
  await person.page.locator('#composer').fill('All of it');
  await person.page.locator('#composer').press('Enter');
  await person.page.locator('article[data-role="assistant"][aria-busy="true"]').waitFor();
  await ended(person);
  const { task } = costBetween(before, await readCost(person.tools));
  return { task, ...(await readFrames(person.page)) };
}

export async function measureCode(world, report) {
  const all = [];
  let nodes = 0;
  for (let round = 0; round < (report.quick ? 1 : 3); round += 1) {
    const person = await newPerson(world);
    await openAll(world, person, '/');
    all.push(await streamCode(world, person));
    ({ nodes } = await readMemory(person.tools));
    await person.page.context().close();
  }
  report.group('a block of code of 20,000 lines (1 MB), 10,000 lines a second');
  report.figure(
    'code-cpu',
    'CPU in all',
    all.map(({ task }) => task),
    { digits: 0 },
  );
  report.figure(
    'code-frame',
    'longest frame',
    all.map(({ longest }) => longest),
    { digits: 0 },
  );
  report.figure('code-nodes', 'nodes of the page', [nodes], { unit: '', digits: 0 });
}
