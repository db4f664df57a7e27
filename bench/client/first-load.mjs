// The first load from a cold cache, and what a checker of accessibility says of the page.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { gzipSync } from 'node:zlib';
import { bringHistory, newPerson, openAll } from './world.mjs';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** Before any script of the page: listens for long tasks, for what moves, and for the composer. */
function listen() {
  const seen = { shift: 0, longTasks: 0, composer: Number.NaN };
  globalThis.benchLoad = seen;
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) if (!entry.hadRecentInput) seen.shift += entry.value;
  }).observe({ type: 'layout-shift', buffered: true });
  new PerformanceObserver((list) => {
    seen.longTasks += list.getEntries().length;
  }).observe({ type: 'longtask', buffered: true });
  new MutationObserver((_, observer) => {
    const composer = document.querySelector('#composer');
    if (composer === null || composer.disabled) return;
    seen.composer = performance.now();
    observer.disconnect();
  }).observe(document, { childList: true, subtree: true });
}

/** Runs in the page: when each thing was here, in ms; the page itself first. */
function arrivals() {
  const entries = [...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')];
  return {
    ...globalThis.benchLoad,
    painted: performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? Number.NaN,
    files: entries.map(({ name, responseEnd }) => ({ path: new URL(name).pathname, end: responseEnd })),
  };
}

async function loadOnce(world) {
  const { page, tools } = await newPerson(world);
  const bodies = new Map();
  const reads = [];
  page.on('response', (response) => {
    const { pathname } = new URL(response.url());
    reads.push(response.body().then((body) => bodies.set(pathname, body)));
  });
  const wire = { bytes: 0 };
  tools.on('Network.loadingFinished', ({ encodedDataLength }) => {
    wire.bytes += encodedDataLength;
  });
  await tools.send('Network.enable');
  await tools.send('Network.setCacheDisabled', { cacheDisabled: true });
  await page.addInitScript(listen);
  await page.goto(world.server.origin);
  await page.locator('#composer').waitFor();
  await page.waitForLoadState('networkidle');
  const seen = await page.evaluate(arrivals);
  await Promise.allSettled(reads);
  await page.context().close();
  return { ...seen, bodies, wire: wire.bytes };
}

/** kB, what is compressed already as it is. */
function gzipped(paths, bodies) {
  const size = (path) => {
    const body = bodies.get(path) ?? Buffer.alloc(0);
    return /\.(?:woff2|png|webp)$/.test(path) ? body.length : gzipSync(body).length;
  };
  return [...new Set(paths)].reduce((sum, path) => sum + size(path), 0) / 1000;
}

async function violations(page) {
  await page.evaluate(`${axe};0`);
  return page.evaluate(async () =>
    (await globalThis.axe.run()).violations.map(({ id, impact, nodes }) => ({ id, impact, count: nodes.length })),
  );
}

export async function measureAccessibility(world, report) {
  const person = await newPerson(world);
  const found = [];
  await openAll(world, person, '/');
  found.push(...(await violations(person.page)));
  await openAll(world, person, await bringHistory(world, person, 30));
  found.push(...(await violations(person.page)));
  await person.page.context().close();
  report.group('accessibility');
  for (const impact of ['critical', 'serious', 'moderate', 'minor']) {
    const count = found.filter((one) => one.impact === impact).length;
    report.figure(`axe-${impact}`, `axe, ${impact}, new page and conversation`, [count], { unit: '', digits: 0 });
  }
  for (const { id } of found) report.note(`axe: ${id}`);
}

export async function measureFirstLoad(world, report) {
  const rounds = [];
  for (let round = 0; round < (report.quick ? 1 : 5); round += 1) rounds.push(await loadOnce(world));
  const before = rounds.map(({ files, composer, bodies }) =>
    gzipped(
      files.filter(({ end }) => end <= composer).map(({ path }) => path),
      bodies,
    ),
  );
  const all = rounds.map(({ bodies }) => gzipped(bodies.keys(), bodies));
  const of = (name) => rounds.map((round) => round[name]);
  report.group('first load of a signed-in person, cold cache, loopback: page, code, words, answers of the server, fonts and pictures');
  report.figure('composer-bytes', 'here when the composer can be used, gzip', before, { unit: 'kB', digits: 1 });
  report.figure('first-load-bytes', 'until the network is idle, gzip', all, { unit: 'kB', digits: 1 });
  const sent = of('wire').map((bytes) => bytes / 1000);
  report.figure('first-load-sent', 'the same as it was sent, with its headers', sent, { unit: 'kB', digits: 1 });
  report.figure('requests', 'requests', [rounds[0].bodies.size], { unit: '', digits: 0 });
  report.figure('first-paint', 'first paint', of('painted'), { digits: 0 });
  report.figure('composer-ms', 'to the composer', of('composer'), { digits: 0 });
  report.figure('shift', 'what moved (CLS)', of('shift'), { unit: '', digits: 3 });
  report.figure('long-tasks-load', 'tasks above 50 ms', of('longTasks'), { unit: '', digits: 0 });
  if (process.env.BENCH_CLIENT_FILES === '1') {
    const [{ files, bodies, composer }] = rounds;
    for (const { path, end } of files)
      console.log(`    ${end <= composer ? 'before' : 'behind'} ${gzipped([path], bodies).toFixed(1)} kB ${path}`);
  }
}
