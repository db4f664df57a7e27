// Token latency while jobs work on pictures, and while pictures are sent.
import { setTimeout as sleep } from 'node:timers/promises';
import { ratios } from './harness/measure.mjs';
import { openReport, quick } from './harness/report.mjs';
import { ask, ended, handIn, jobsOf, makePicture, send, upload } from './jobs/people.mjs';
import { startStreams } from './storms/streams.mjs';

const ROUNDS = quick ? 2 : 5;
const SETTLE_MS = 500;
const WINDOW_MS = 1200;
const SIDE = 512;
/** More than are done meanwhile. */
const WAITING = 4;

const report = openReport('image-storm');
const streams = await startStreams({ LIMIT_JOBS_PER_USER: '0', UPLOAD_QUOTA_BYTES: '0' });
const { server } = streams;
const [token] = streams.people;
// Made before: that would take time of the machine as well.
const pictures = await Promise.all(Array.from({ length: 8 }, () => makePicture(SIDE)));

async function doneJobs() {
  return (await jobsOf(server, token, false)).filter(({ status }) => status === 'succeeded').length;
}

/** What goes on beside the streams: `begin` before a window, `end` after it. */
const storms = {
  none: { begin: async () => {}, end: async () => 0 },
  jobs: {
    files: [],
    async begin() {
      this.before = await doneJobs();
      for (const file of this.files.splice(0, WAITING)) await handIn(server, token, file);
    },
    async end() {
      const done = (await doneJobs()) - this.before;
      for (const job of await jobsOf(server, token, true)) {
        // It may have ended meanwhile.
        await ask(server, token, `/api/jobs/${job.id}`, { method: 'DELETE' }).catch(() => {});
      }
      return done;
    },
  },
  uploads: {
    async begin() {
      this.stopped = false;
      this.done = 0;
      const lane = async () => {
        while (!this.stopped) {
          await send(server, token, pictures[this.done % pictures.length]);
          this.done += 1;
        }
      };
      this.running = lane();
      // Should the window fail, that is what is told.
      this.running.catch(() => {});
    },
    async end() {
      this.stopped = true;
      await this.running;
      return this.done;
    },
  },
};

async function measure(storm) {
  await storm.begin();
  await sleep(SETTLE_MS);
  const window = await streams.window(WINDOW_MS);
  return { ...window, done: await storm.end() };
}

const names = Object.keys(storms);
const columns = new Map(names.map((name) => [name, []]));
try {
  // One job and a host for each lane, so that what starts for the first time is not measured.
  await streams.begin();
  const { id } = await handIn(server, token, await upload(server, token, SIDE));
  await ended(server, token, id);
  await streams.end();
  for (let round = 0; round < ROUNDS; round += 1) {
    while (storms.jobs.files.length < WAITING) storms.jobs.files.push(await upload(server, token, SIDE));
    await streams.begin();
    for (const name of names) columns.get(name).push(await measure(storms[name]));
    await streams.end();
  }
} finally {
  await streams.stop();
}

const of = (name, field) => columns.get(name).map((window) => window[field]);
const labels = {
  none: 'nothing else',
  jobs: `jobs that enlarge pictures of ${SIDE} pixels`,
  uploads: `pictures of ${SIDE} pixels sent one after the other`,
};
for (const name of names) {
  report.group(`100 answers of 50 tokens/s, and ${labels[name]}`);
  report.figure(`p50-${name}`, 'token latency, p50', of(name, 'p50'));
  report.figure(`p99-${name}`, 'token latency, p99', of(name, 'p99'));
  report.figure(`stall-${name}`, 'longest stall of the event loop', of(name, 'stalled'));
  if (name === 'none') continue;
  report.figure(`p99-${name}-vs-none`, 'p99 against nothing else', ratios(of(name, 'p99'), of('none', 'p99')), { unit: 'x' });
  report.figure(`done-${name}`, 'done meanwhile', of(name, 'done'), { unit: '', digits: 0 });
}
report.close();
