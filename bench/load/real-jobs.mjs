// Five people with twenty jobs each on the built server: what each waits, how much is done, and how late the event loop is meanwhile.
import { fork, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { root } from '../../scripts/build-state.mjs';

const USERS = ['ada', 'bea', 'cleo', 'dina', 'eve'];
const JOBS = Number(process.env.BENCH_JOBS ?? 20);
const SIDE = Number(process.env.BENCH_SIDE ?? 256);
/** Of the small network for a picture of 256 pixels a side, with their overlap. */
const TILE = 128;
const OVERLAP = 16;
const LAG_EVERY_MS = 2000;
const threads = Number(process.env.BENCH_THREADS ?? Math.min(2, cpus().length));

async function startServer() {
  const data = mkdtempSync(join(tmpdir(), 'jarvis-bench-'));
  const env = {
    PATH: process.env.PATH,
    DATA_DIR: data,
    PORT: '0',
    HOST: '127.0.0.1',
    BCRYPT_COST: '10',
    INFERENCE_THREADS: String(threads),
    // One at a time, so that the order is plain to see.
    JOB_CONCURRENCY: '1',
    LIMIT_JOBS: '0',
    LIMIT_JOBS_PER_USER: '0',
    METRICS_TOKEN: 'bench-token-of-this-run',
  };
  const child = spawn(process.execPath, [join(root, process.env.BENCH_SERVER ?? 'dist/server', 'main.js')], {
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  const port = await new Promise((resolve, reject) => {
    child.once('exit', () => reject(new Error(output)));
    child.stdout.on('data', (chunk) => {
      output += chunk;
      const found = /listens on \S+:(\d+)/.exec(output)?.[1];
      if (found !== undefined && output.includes('"msg":"ready"')) resolve(Number(found));
    });
  });
  return { child, data, origin: `http://127.0.0.1:${port}` };
}

async function ask(url, token, options = {}) {
  const response = await fetch(url, { ...options, headers: { authorization: `Bearer ${token}`, ...options.headers } });
  const body = await response.json();
  if (!response.ok) throw new Error(`${response.status} ${JSON.stringify(body.error)}`);
  return body;
}

const json = (body) => ({ method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });

/** A picture that nobody else has, so that no result is known already. */
async function upload(origin, token, number) {
  const png = await sharp(join(root, 'plugins/upscale/sample.jpg'))
    .resize(SIDE, SIDE, { fit: 'cover' })
    .modulate({ hue: number })
    .png()
    .toBuffer();
  const form = new FormData();
  form.set('file', new Blob([png], { type: 'image/png' }), `${number}.png`);
  return (await ask(`${origin}/api/uploads`, token, { method: 'POST', body: form })).file.id;
}

async function lagOf(origin) {
  const text = await (await fetch(`${origin}/metrics`, { headers: { authorization: 'Bearer bench-token-of-this-run' } })).text();
  return Number(/jarvis_event_loop_lag_seconds\{quantile="0.99"\} (\S+)/.exec(text)?.[1] ?? Number.NaN) * 1000;
}

async function all(origin, token, open) {
  const items = [];
  for (let cursor = null; ; ) {
    const query = new URLSearchParams({ limit: '100', ...(open ? { open: 'true' } : {}), ...(cursor === null ? {} : { cursor }) });
    const page = await ask(`${origin}/api/jobs?${query}`, token);
    items.push(...page.items);
    cursor = page.nextCursor;
    if (cursor === null) return items;
  }
}

const quantile = (values, share) => values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * share))] ?? 0;
const mean = (values) => values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);

/** Megapixels a second. */
function bareSession() {
  const { stdout } = spawnSync(process.execPath, [join(root, 'bench/load/bare-session.mjs'), '60', String(threads)], { encoding: 'utf8' });
  return Number(stdout);
}

const bareBefore = bareSession();
const { child, data, origin } = await startServer();
const control = fork(join(root, 'bench/load/idle-process.mjs'));
const controls = [];
control.on('message', (lag) => controls.push(lag));
const people = [];
for (const name of USERS) {
  const person = { name, password: 'correct horse battery', email: `${name}@example.org` };
  const { token } = await ask(`${origin}/api/auth/signup`, '', json(person));
  const files = [];
  for (let number = 0; number < JOBS; number += 1) files.push(await upload(origin, token, (people.length * JOBS + number) % 360));
  people.push({ name, token, files });
}
const begun = Date.now();
const told = new Map();
for (const { name, token, files } of people)
  for (const [number, file] of files.entries()) {
    const work = { clientJobId: `${name}-${number}`, kind: 'upscale', input: [file], params: { scale: '2', method: 'draft' } };
    const { job } = await ask(`${origin}/api/jobs`, token, json(work));
    told.set(job.id, Date.now());
  }
const lags = [];
for (let open = JOBS * USERS.length; open > 0; ) {
  await new Promise((resolve) => setTimeout(resolve, LAG_EVERY_MS));
  lags.push(await lagOf(origin));
  open = 0;
  for (const { token } of people) open += (await all(origin, token, true)).length;
}
const seconds = (Date.now() - begun) / 1000;
control.kill();
const bares = [bareBefore, bareSession()];
const jobs = [];
for (const { name, token } of people) for (const job of await all(origin, token, false)) jobs.push({ ...job, name });
const failed = jobs.filter(({ status }) => status !== 'succeeded');

console.log(
  `${USERS.length} people, ${JOBS} jobs each: upscale 2x of ${SIDE} x ${SIDE} pixels with the small network, ${threads} threads, one job at a time`,
);
console.log(
  `  ${'who'.padEnd(8)}${['first begins', 'half begun', 'last begins', 'mean wait', 'mean work'].map((head) => head.padStart(14)).join('')}`,
);
for (const { name } of people) {
  const own = jobs.filter((job) => job.name === name && job.startedAt !== undefined);
  const waits = own.map(({ startedAt, createdAt }) => (Date.parse(startedAt) - Date.parse(createdAt)) / 1000);
  const cells = [Math.min(...waits), quantile(waits, 0.5), Math.max(...waits), mean(waits), mean(own.map((job) => job.seconds ?? 0))];
  console.log(`  ${name.padEnd(8)}${cells.map((value) => `${value.toFixed(1)} s`.padStart(14)).join('')}`);
}
const order = jobs.filter(({ startedAt }) => startedAt !== undefined).toSorted((a, b) => Date.parse(a.startedAt) - Date.parse(b.startedAt));
// After each job: how many more of their jobs anybody had begun than somebody who still waited.
let lead = 0;
const counts = new Map(USERS.map((name) => [name, 0]));
for (const { name } of order) {
  counts.set(name, counts.get(name) + 1);
  const waiting = USERS.filter((user) => counts.get(user) < JOBS).map((user) => counts.get(user));
  if (waiting.length > 0) lead = Math.max(lead, Math.max(...counts.values()) - Math.min(...waiting));
}
console.log(`  nobody was more than ${lead} job(s) ahead of somebody who waited; ${failed.length} of ${jobs.length} jobs failed`);
const count = Math.ceil((SIDE - 2 * OVERLAP) / (TILE - 2 * OVERLAP)) ** 2;
const bare = mean(bares);
const tiled = (jobs.length * count * TILE * TILE) / 1e6;
const worked = jobs.reduce((sum, job) => sum + (job.seconds ?? 0), 0);
const rate = (value) => `${value.toFixed(3)} MP/s`;
const part = (value) => `${((100 * value) / bare).toFixed(0)} %`;
const [everything, working] = [tiled / seconds, tiled / worked];
const middle = (values) => `${quantile(values, 0.5).toFixed(1)} ms (median), ${Math.max(...values).toFixed(1)} ms (worst)`;
console.log(
  `  through the network: ${rate(everything)} with everything (${part(everything)}), ${rate(working)} while a job works (${part(working)}),`,
);
console.log(
  `  by session.run in an empty process ${bares.map(rate).join(' before and ')} after: how far they differ is the noise of this machine`,
);
console.log(
  `  lateness of the event loop, p99 of each 10 s while jobs ran: server ${middle(lags)}; a process that does nothing ${middle(controls)}`,
);
child.removeAllListeners('exit');
child.kill('SIGTERM');
await new Promise((resolve) => child.once('exit', resolve));
rmSync(data, { recursive: true, force: true });
if (failed.length > 0) {
  console.error(failed[0]?.error);
  process.exitCode = 1;
}
