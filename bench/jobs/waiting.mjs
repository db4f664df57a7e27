// Five people hand in all their pictures at once on the built server: what each waits, and how late the event loop is meanwhile.
import { startChild } from '../harness/child.mjs';
import { quantile } from '../harness/measure.mjs';
import { signUp } from '../harness/server.mjs';
import { handIn, jobsOf, upload } from './people.mjs';

const USERS = ['ada', 'bea', 'cleo', 'dina', 'eve'];
const SIDE = 256;
const LAG_EVERY_MS = 2000;
const mean = (values) => values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);

async function lagOf(server, token) {
  const text = await (await fetch(`${server.origin}/metrics`, { headers: { authorization: `Bearer ${token}` } })).text();
  return Number(/jarvis_event_loop_lag_seconds\{quantile="0.99"\} (\S+)/.exec(text)?.[1] ?? Number.NaN) * 1000;
}

/** After each job: how many more of their jobs anybody had begun than somebody who still waited. */
function leadOf(jobs, each) {
  let lead = 0;
  const counts = new Map(USERS.map((name) => [name, 0]));
  for (const { name } of jobs.toSorted((a, b) => Date.parse(a.startedAt) - Date.parse(b.startedAt))) {
    counts.set(name, counts.get(name) + 1);
    const waiting = USERS.filter((user) => counts.get(user) < each).map((user) => counts.get(user));
    if (waiting.length > 0) lead = Math.max(lead, Math.max(...counts.values()) - Math.min(...waiting));
  }
  return lead;
}

async function openJobs(server, people) {
  let open = 0;
  for (const { token } of people) open += (await jobsOf(server, token, true)).length;
  return open;
}

/** @param metricsToken reads the lateness of the event loop @param each jobs of each person */
export async function measureWaiting(report, server, { metricsToken, each }) {
  const idle = await startChild('idle-process.mjs', { prefix: [] });
  const people = [];
  for (const name of USERS) {
    const token = await signUp(server, name);
    const files = [];
    while (files.length < each) files.push(await upload(server, token, SIDE));
    people.push({ name, token, files });
  }
  const begun = performance.now();
  for (const { token, files } of people) for (const file of files) await handIn(server, token, file);
  const [lags, controls] = [[], []];
  do {
    await new Promise((resolve) => setTimeout(resolve, LAG_EVERY_MS));
    lags.push(await lagOf(server, metricsToken));
    controls.push(await idle.call('lag'));
  } while ((await openJobs(server, people)) > 0);
  const seconds = (performance.now() - begun) / 1000;
  await idle.stop();
  const jobs = [];
  for (const { name, token } of people) for (const job of await jobsOf(server, token, false)) jobs.push({ ...job, name });
  const failed = jobs.filter(({ status }) => status !== 'succeeded').length;

  report.group(`On the real server: ${USERS.length} people, ${each} pictures of ${SIDE} pixels each, doubled, one job at a time`);
  for (const { name } of [people[0], people.at(-1)]) {
    const own = jobs.filter((job) => job.name === name && job.startedAt !== undefined);
    const waits = own.map(({ startedAt, createdAt }) => (Date.parse(startedAt) - Date.parse(createdAt)) / 1000);
    report.figure(`first-${name}`, `${name}: first job begins`, [Math.min(...waits)], { unit: 's', digits: 1 });
    report.figure(`half-${name}`, `${name}: half of them begun`, [quantile(waits, 0.5)], { unit: 's', digits: 1 });
    report.figure(`last-${name}`, `${name}: last job begins`, [Math.max(...waits)], { unit: 's', digits: 1 });
  }
  report.figure('lead', 'most jobs that anybody was ahead of somebody who waited', [leadOf(jobs, each)], { unit: '', digits: 0 });
  report.figure('failed', `failed of ${jobs.length} jobs`, [failed], { unit: '', digits: 0 });
  if (failed > 0) report.fail('Jobs failed.');
  report.figure('work', 'work of a job', [mean(jobs.map((job) => job.seconds ?? 0))], { unit: 's' });
  report.figure('everything', 'a job with everything: row, files, queue, answers over HTTP', [seconds / jobs.length], { unit: 's' });
  report.figure('lag', 'event loop of the server, lateness p99 over 10 s', lags, { digits: 1 });
  report.figure('lag-idle', 'the same of a process that does nothing', controls, { digits: 1 });
}
