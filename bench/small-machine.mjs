// A container of 512 MB with everything at once for ten minutes (BENCH_MINUTES): 1,000 sockets, 100 of them streaming, uploads and image jobs.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { root } from '../scripts/build-state.mjs';
import { rssBytes, startChild } from './harness/child.mjs';
import { openMemoryCage } from './harness/memory-cage.mjs';
import { openLimits, startFakeModel } from './harness/relays.mjs';
import { openReport } from './harness/report.mjs';
import { signUp, startServer } from './harness/server.mjs';

const MINUTES = Number(process.env.BENCH_MINUTES ?? 10);
const BUDGET = 512 * 2 ** 20;
const [STREAMS, IDLE, PEOPLE] = [100, 900, 20];
const PROMPT = 'tokens=500 rate=50';
const UPLOAD_EVERY_MS = 1000;
const report = openReport('small-machine');
const cage = openMemoryCage(BUDGET);
const counts = { uploads: 0, jobs: 0, refused: 0, errors: 0, answers: 0, broken: 0 };
const codes = {};
const peaks = { server: 0, all: 0 };
const model = await startFakeModel();
const server = await startServer({
  prefix: cage?.prefix ?? [],
  nodeArgs: cage === null ? ['--max-old-space-size=256'] : [],
  env: {
    ...openLimits,
    ...(cage === null ? { LIMIT_MEMORY_MB: '512' } : {}),
    LIMIT_SOCKETS: '1000',
    LIMIT_JOBS_PER_USER: '0',
    UPLOAD_QUOTA_BYTES: '0',
    GEMINI_API_KEY: 'bench-key-that-is-not-real',
    GEMINI_BASE_URL: model.url,
    GEMINI_MODEL: 'gemini-3.8-flash',
    BCRYPT_COST: '10',
  },
});
const tokens = [];
while (tokens.length < PEOPLE) tokens.push(await signUp(server));
const idle = await startChild('idle-clients.mjs');
const readers = await startChild('stream-clients.mjs');
await idle.call('open', server.port, tokens, IDLE);
await readers.call(
  'open',
  server.port,
  Array.from({ length: STREAMS }, (_, index) => tokens[index % PEOPLE]),
);
const picture = readFileSync(join(root, 'plugins/upscale/sample.jpg'));
const until = performance.now() + MINUTES * 60_000;
const running = () => performance.now() < until;
const latencies = [];

async function ask(path, init) {
  const response = await fetch(`${server.origin}${path}`, {
    ...init,
    headers: { authorization: `Bearer ${tokens[0]}`, ...init?.headers },
    signal: AbortSignal.timeout(60_000),
  }).catch((error) => error);
  if (response instanceof Error) {
    note(response.name);
    counts.errors += 1;
    return null;
  }
  const body = await response.json();
  if (response.ok) return body;
  note(body.error?.code);
  // What the memory guard and full queues answer is what was promised.
  if (response.status === 503 || response.status === 429) counts.refused += 1;
  else counts.errors += 1;
  return null;
}

async function upload() {
  const form = new FormData();
  form.set('file', new Blob([picture], { type: 'image/jpeg' }), 'a.jpg');
  const answer = await ask('/api/uploads', { method: 'POST', body: form });
  if (answer !== null) counts.uploads += 1;
  return answer?.file.id ?? null;
}

async function uploads() {
  while (running()) {
    await upload();
    await sleep(UPLOAD_EVERY_MS);
  }
}

const note = (what) => {
  codes[what] = (codes[what] ?? 0) + 1;
};

/** @returns the job as it ended, or as it was when the time was up; null when it was not accepted */
async function enlarge(number) {
  const file = await upload();
  if (file === null) return null;
  const work = { clientJobId: `small-${number}`, kind: 'upscale', input: [file], params: { scale: number % 2 === 0 ? '2' : '4' } };
  const init = { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(work) };
  let job = (await ask('/api/jobs', init))?.job ?? null;
  while (running() && ['queued', 'running'].includes(job?.status)) {
    await sleep(500);
    job = (await ask(`/api/jobs/${job.id}`))?.job ?? job;
  }
  return job;
}

async function jobs() {
  for (let number = 0; running(); number += 1) {
    const job = await enlarge(number);
    if (job?.status === 'succeeded') counts.jobs += 1;
    else if (running() && job !== null) note(`job ${job.status} ${job.error?.code ?? ''}`);
    await sleep(500);
  }
}

async function streams() {
  while (running()) {
    await readers.call('ask', PROMPT);
    const { ends, errors } = await readers.call('finished');
    counts.answers += ends.complete ?? 0;
    counts.broken += STREAMS - (ends.complete ?? 0);
    for (const end of Object.keys(ends)) if (end !== 'complete') note(`answer ${end}`);
    errors.forEach(note);
    latencies.push((await readers.call('read')).p99);
  }
}

async function watch() {
  while (running()) {
    const own = server.rssBytes();
    const all = (cage?.pids() ?? [server.pid]).reduce((sum, pid) => sum + (sizeOf(pid) || 0), 0);
    peaks.server = Math.max(peaks.server, own);
    peaks.all = Math.max(peaks.all, all);
    await sleep(250);
  }
}

function sizeOf(pid) {
  try {
    return rssBytes(pid);
  } catch {
    return 0;
  }
}

await Promise.all([uploads(), jobs(), streams(), watch()]);
const mib = (bytes) => bytes / 2 ** 20;
report.group(
  `${MINUTES} minutes in ${cage === null ? 'a budget' : 'a memory cgroup'} of 512 MiB: ${IDLE + STREAMS} sockets, ${STREAMS} streams of 50 tokens/s, an upload a second, one job after the other`,
);
report.figure('peak-server', 'most memory of the server process', [mib(peaks.server)], { unit: 'MiB', digits: 0 });
report.figure('peak-all', 'of it and its children together (shared pages counted in each)', [mib(peaks.all)], { unit: 'MiB', digits: 0 });
if (cage !== null)
  report.figure('peak-cage', 'of the cgroup, with the files that the kernel keeps', [mib(cage.peakBytes())], { unit: 'MiB', digits: 0 });
if (cage !== null) {
  report.figure('kills', 'processes that the kernel ended', [cage.kills()], { unit: '', digits: 0 });
  if (cage.kills() > 0) report.fail('The kernel had to end a process for its memory.');
}
report.figure('answers', 'answers that were read to their end', [counts.answers], { unit: '', digits: 0 });
report.figure('broken', 'answers that ended otherwise', [counts.broken], { unit: '', digits: 0 });
report.figure('p99', 'latency of a token, p99 of each round', latencies);
report.figure('uploads', 'uploads', [counts.uploads], { unit: '', digits: 0 });
report.figure('jobs', 'jobs', [counts.jobs], { unit: '', digits: 0 });
report.figure('refused', 'requests refused with a time to wait', [counts.refused], { unit: '', digits: 0 });
report.figure('errors', 'requests that failed otherwise', [counts.errors], { unit: '', digits: 0 });
if (Object.keys(codes).length > 0) report.note(`Told: ${Object.keys(codes).join(', ')}.`);
console.log(codes);
const ended = await server.stop();
await Promise.all([idle.stop(), readers.stop(), model.stop()]);
cage?.remove();
report.close();
if (ended !== 0) throw new Error(`the server ended with ${ended}`);
