// Five people with twenty jobs each in virtual time: what each waits with the scheduler of the server, and with a plain queue.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { root } from '../../scripts/build-state.mjs';

const { TaskScheduler } = await import(pathToFileURL(join(root, process.env.BENCH_SERVER ?? 'dist/server', 'core.js')).href);

const USERS = ['ada', 'bea', 'cleo', 'dina', 'eve'];
const JOBS = 20;
/** Each brings all of theirs at once, one person after the other, this many seconds apart. */
const APART_SECONDS = 5;
/** A job that needs other models than the one before it in its process takes so much longer. */
const LOAD_SECONDS = 3;
const sorts = [
  { level: 'quick', seconds: 2, modelKey: 'esrgan-slim-2x', memoryMb: 240 },
  { level: 'normal', seconds: 10, modelKey: 'maxim-denoising', memoryMb: 900 },
  { level: 'deep', seconds: 30, modelKey: 'esrgan-thick-4x', memoryMb: 400 },
];

/** The same numbers in every run (Park and Miller 1988). */
function createRandom(seed) {
  let state = seed;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}

function makeJobs(mixed) {
  const random = createRandom(7);
  return USERS.flatMap((userId, user) =>
    Array.from({ length: JOBS }, (_, number) => {
      const sort = mixed ? sorts[[0, 0, 0, 1, 1, 1, 1, 2][Math.floor(random() * 8)] ?? 1] : sorts[1];
      const { level, seconds, modelKey, memoryMb } = sort;
      const needs = { cpuThreads: 2, memoryMb };
      const enqueuedAt = user * APART_SECONDS * 1000;
      // What a job really takes is not what was expected of it.
      return {
        id: `${userId}${number}`,
        userId,
        level,
        plugin: 'bench',
        modelKey,
        needs,
        seconds,
        enqueuedAt,
        real: seconds * (0.7 + 0.6 * random()),
      };
    }),
  );
}

function createPlainQueue(clock, concurrency) {
  const queue = [];
  let running = 0;
  return {
    scheduleTask: (task) => queue.push(task),
    place: () => null,
    next: () => {
      if (running >= concurrency || queue.length === 0) return null;
      running += 1;
      return queue.shift();
    },
    finished: () => {
      running -= 1;
    },
  };
}

/** @returns the seconds from the beginning of the wait that the scheduler says it will take; undefined: it says nothing */
function toldAt(scheduler, id, waitedMs) {
  const place = scheduler.place(id);
  return place === null ? undefined : place.startsInSeconds + waitedMs / 1000;
}

/** Hands over who has come by then. The last to come changes the order for the last time: what is told then is held to what becomes of it. */
function accept(jobs, waiting, scheduler, { told, at }) {
  while (waiting[0] !== undefined && waiting[0].enqueuedAt <= at) {
    scheduler.scheduleTask(waiting.shift());
    if (waiting.length === 0) for (const { id, enqueuedAt } of jobs) told.set(id, toldAt(scheduler, id, at - enqueuedAt));
  }
}

/** Begins what may begin, in processes that keep their models. @returns it, with what it waited and whether models had to be loaded */
function begin(scheduler, clock, { byId, warm, told, running }) {
  const begun = [];
  for (let task = scheduler.next(); task !== null; task = scheduler.next()) {
    const job = byId.get(task.id);
    const isWarm = warm.includes(job.modelKey);
    warm.splice(isWarm ? warm.indexOf(job.modelKey) : 0, 1);
    const worked = job.real + (isWarm ? 0 : LOAD_SECONDS);
    begun.push({ ...job, waited: (clock.at - job.enqueuedAt) / 1000, told: told.get(job.id), loads: !isWarm });
    running.push({ id: job.id, endsAt: clock.at + worked * 1000, worked, modelKey: job.modelKey });
  }
  running.sort((a, b) => a.endsAt - b.endsAt);
  return begun;
}

/** Plays it all. @returns the jobs in the order in which they began */
function play(jobs, scheduler, clock) {
  const waiting = [...jobs];
  const state = { byId: new Map(jobs.map((job) => [job.id, job])), warm: [], told: new Map(), running: [] };
  const begun = [];
  for (;;) {
    accept(jobs, waiting, scheduler, { told: state.told, at: clock.at });
    begun.push(...begin(scheduler, clock, state));
    const { running, warm } = state;
    clock.at = Math.min(running[0]?.endsAt ?? Infinity, waiting[0]?.enqueuedAt ?? Infinity);
    if (clock.at === Infinity) return begun;
    if (running[0]?.endsAt !== clock.at) continue;
    const ended = running.shift();
    scheduler.finished(ended.id, { seconds: ended.worked, peakMemoryMb: 0 });
    warm.push(ended.modelKey);
  }
}

const mean = (values) => values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
const quantile = (values, share) => values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * share))] ?? 0;

function report(title, begun) {
  console.log(`${title}: models were loaded ${begun.filter(({ loads }) => loads).length} times for ${begun.length} jobs`);
  console.log(
    `  ${'who'.padEnd(12)}${['first begins', 'half begun', 'last begins', 'mean wait'].map((head) => head.padStart(14)).join('')}`,
  );
  const row = (name, jobs) => {
    const waits = jobs.map(({ waited }) => waited);
    const cells = [Math.min(...waits), quantile(waits, 0.5), Math.max(...waits), mean(waits)];
    console.log(`  ${name.padEnd(12)}${cells.map((value) => `${value.toFixed(0)} s`.padStart(14)).join('')}`);
  };
  for (const user of USERS)
    row(
      user,
      begun.filter(({ userId }) => userId === user),
    );
  for (const { level } of sorts) {
    const jobs = begun.filter((job) => job.level === level);
    if (jobs.length > 0 && jobs.length < begun.length) row(`all ${level}`, jobs);
  }
  const errors = begun
    .filter(({ told, waited }) => told !== undefined && waited > 30)
    .map(({ told, waited }) => Math.abs(told - waited) / waited);
  if (errors.length > 0)
    console.log(
      `  the wait that was told once all were there was off by ${(100 * quantile(errors, 0.5)).toFixed(0)} % (median), ${(100 * quantile(errors, 0.9)).toFixed(0)} % (nine of ten)`,
    );
}

for (const mixed of [false, true]) {
  for (const fair of [false, true]) {
    const clock = { at: 0, now: () => clock.at };
    const resources = { cpuThreads: 2, memoryMb: 1200, gpuMemoryMb: 0 };
    const options = { clock, resources, concurrency: 1 };
    const scheduler = fair ? new TaskScheduler(options) : createPlainQueue(clock, 1);
    report(
      `${mixed ? 'mixed work' : 'equal work'}, ${fair ? 'scheduler' : 'first come, first served'}`,
      play(makeJobs(mixed), scheduler, clock),
    );
  }
}

const clock = { now: () => 0 };
const resources = { cpuThreads: 8, memoryMb: 2000, gpuMemoryMb: 0 };
const scheduler = new TaskScheduler({ clock, resources, concurrency: 4 });
const random = createRandom(3);
for (let job = 0; job < 500; job += 1) {
  const sort = sorts[Math.floor(random() * 3)];
  scheduler.scheduleTask({
    ...sort,
    id: `${job}`,
    userId: `u${job % 50}`,
    plugin: 'bench',
    needs: { cpuThreads: 2, memoryMb: sort.memoryMb },
    enqueuedAt: job,
  });
}
const times = { next: [], 'place, order known': [], 'place, order changed': [] };
const timed = (name, work) => {
  const begun = performance.now();
  const result = work();
  times[name].push(performance.now() - begun);
  return result;
};
const running = [];
for (let left = 500; left > 0; ) {
  const task = timed('next', () => scheduler.next());
  timed('place, order changed', () => scheduler.place('499'));
  timed('place, order known', () => scheduler.place('250'));
  if (task !== null) {
    running.push(task.id);
    left -= 1;
  } else scheduler.finished(running.shift(), { seconds: 1, peakMemoryMb: 0 });
}
console.log('cost with up to 500 waiting jobs of 50 people, in milliseconds');
for (const [name, values] of Object.entries(times))
  console.log(`  ${name.padEnd(22)} p50 ${quantile(values, 0.5).toFixed(3)}, p95 ${quantile(values, 0.95).toFixed(3)}`);
