// The first load from a cold cache, and what a checker of accessibility says of the page.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { figure, heading } from './figures.mjs';
import { bringHistory, newPerson, openAll } from './world.mjs';

const ROUNDS = 5;
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** Before any script of the page: listens for long tasks and for what moves. */
function listen() {
  const seen = { shift: 0, longTasks: [] };
  globalThis.benchLoad = seen;
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) if (!entry.hadRecentInput) seen.shift += entry.value;
  }).observe({ type: 'layout-shift', buffered: true });
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) seen.longTasks.push(entry.duration);
  }).observe({ type: 'longtask', buffered: true });
}

async function loadOnce(world) {
  const { page, tools } = await newPerson(world);
  const files = new Map();
  const reads = [];
  page.on('response', (response) => {
    const { pathname } = new URL(response.url());
    if (!pathname.startsWith('/api/')) reads.push(response.body().then((body) => files.set(pathname, body)));
  });
  await tools.send('Network.enable');
  await tools.send('Network.setCacheDisabled', { cacheDisabled: true });
  await page.addInitScript(listen);
  await page.goto(world.server.origin);
  await page.locator('#composer').waitFor();
  const composer = await page.evaluate(() => performance.now());
  await page.waitForLoadState('networkidle');
  const { shift, longTasks } = await page.evaluate(() => globalThis.benchLoad);
  const painted = await page.evaluate(() => performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? Number.NaN);
  await Promise.allSettled(reads);
  await page.context().close();
  return { composer, painted, shift, longTasks, files };
}

function sizes(files, compress) {
  let all = 0;
  for (const [path, body] of files) all += /\.(?:woff2|png|webp)$/.test(path) ? body.length : compress(body).length;
  return all / 1000;
}

async function violations(page) {
  await page.evaluate(`${axe};0`);
  return page.evaluate(async () =>
    (await globalThis.axe.run()).violations.map(({ id, impact, nodes }) => ({ id, impact, count: nodes.length })),
  );
}

async function measureAccessibility(world) {
  const person = await newPerson(world);
  const views = [];
  await openAll(world, person, '/');
  views.push(...(await violations(person.page)));
  await openAll(world, person, await bringHistory(world, person, 30));
  views.push(...(await violations(person.page)));
  await person.page.context().close();
  for (const impact of ['critical', 'serious', 'moderate', 'minor']) {
    const found = views.filter((one) => one.impact === impact);
    figure(`axe, ${impact}, new page and conversation`, [found.length], { unit: '', digits: 0, target: 'none', most: 0 });
    for (const { id, count } of found) console.log(`  ${id}, ${count} times`);
  }
}

export async function measureFirstLoad(world) {
  const rounds = [];
  for (let round = 0; round < ROUNDS; round += 1) rounds.push(await loadOnce(world));
  const { files } = rounds[0];
  const code = new Map([...files].filter(([path]) => !path.endsWith('.woff2')));
  heading('first load of a signed-in person, cold cache, loopback');
  figure('page, scripts, styles, words, gzip', [sizes(code, gzipSync)], { unit: 'kB', digits: 1, most: 100 });
  figure('the same, brotli', [sizes(code, brotliCompressSync)], { unit: 'kB', digits: 1 });
  figure('all with fonts and pictures, gzip', [sizes(files, gzipSync)], { unit: 'kB', digits: 1, most: 150 });
  figure('requests', [files.size], { unit: '', digits: 0 });
  figure(
    'first paint',
    rounds.map(({ painted }) => painted),
    { digits: 0 },
  );
  figure(
    'to the composer',
    rounds.map(({ composer }) => composer),
    { digits: 0, most: 1000 },
  );
  figure(
    'what moved (CLS)',
    rounds.map(({ shift }) => shift),
    { unit: '', digits: 3, most: 0.1 },
  );
  figure(
    'long tasks',
    rounds.map(({ longTasks }) => longTasks.length),
    { unit: '', digits: 0 },
  );
  figure(
    'longest task above 50 ms',
    rounds.map(({ longTasks }) => Math.max(0, ...longTasks)),
    { digits: 0 },
  );
  heading('accessibility');
  await measureAccessibility(world);
}
