// Five people with twenty jobs each in virtual time: what each waits with the scheduler of the server, and with a plain queue.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { median, quantile } from '../harness/measure.mjs';
import { measuredRoot } from '../harness/server.mjs';

const { TaskScheduler } = await import(pathToFileURL(join(measuredRoot, 'dist/server/core.js')).href);

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
const seconds = { unit: 's', digits: 0 };

function figuresOf(report, prefix, label, begun) {
  const waits = (jobs) => jobs.map(({ waited }) => waited);
  const of = (user) => waits(begun.filter(({ userId }) => userId === user));
  report.figure(`${prefix}-loads`, `${label}: models loaded`, [begun.filter(({ loads }) => loads).length], { unit: '', digits: 0 });
  for (const user of [USERS[0], USERS.at(-1)]) {
    report.figure(`${prefix}-first-${user}`, `${label}: ${user}, first job begins`, [Math.min(...of(user))], seconds);
    report.figure(`${prefix}-mean-${user}`, `${label}: ${user}, mean wait`, [mean(of(user))], seconds);
  }
  report.figure(`${prefix}-longest`, `${label}: longest wait of anybody`, [Math.max(...waits(begun))], seconds);
  for (const { level } of sorts) {
    const jobs = begun.filter((job) => job.level === level);
    if (jobs.length > 0 && jobs.length < begun.length)
      report.figure(`${prefix}-mean-${level}`, `${label}: mean wait of ${level} work`, [mean(waits(jobs))], seconds);
  }
  const errors = begun
    .filter(({ told, waited }) => told !== undefined && waited > 30)
    .map(({ told, waited }) => (100 * Math.abs(told - waited)) / waited);
  if (errors.length === 0) return;
  report.figure(`${prefix}-told-p50`, `${label}: the wait that was told was off by, median`, [median(errors)], { unit: '%', digits: 0 });
  report.figure(`${prefix}-told-p90`, `${label}: the same, nine of ten`, [quantile(errors, 0.9)], { unit: '%', digits: 0 });
}

/** Equal and mixed work, with the scheduler and first come, first served: the same numbers on every machine. */
export function simulateWaiting(report) {
  for (const mixed of [false, true]) {
    report.group(`In virtual time, ${mixed ? 'mixed' : 'equal'} work: ${USERS.length} people, ${JOBS} jobs each, one at a time`);
    for (const fair of [false, true]) {
      const clock = { at: 0, now: () => clock.at };
      const resources = { cpuThreads: 2, memoryMb: 1200, gpuMemoryMb: 0 };
      const scheduler = fair ? new TaskScheduler({ clock, resources, concurrency: 1 }) : createPlainQueue(clock, 1);
      const prefix = `${mixed ? 'mixed' : 'equal'}-${fair ? 'scheduler' : 'plain'}`;
      figuresOf(report, prefix, fair ? 'scheduler' : 'first come, first served', play(makeJobs(mixed), scheduler, clock));
    }
  }
}

function fillScheduler() {
  const clock = { now: () => 0 };
  const scheduler = new TaskScheduler({ clock, resources: { cpuThreads: 8, memoryMb: 2000, gpuMemoryMb: 0 }, concurrency: 4 });
  const random = createRandom(3);
  for (let job = 0; job < 500; job += 1) {
    const sort = sorts[Math.floor(random() * 3)];
    const needs = { cpuThreads: 2, memoryMb: sort.memoryMb };
    scheduler.scheduleTask({ ...sort, id: `${job}`, userId: `u${job % 50}`, plugin: 'bench', needs, enqueuedAt: job });
  }
  return scheduler;
}

/** What the scheduler itself takes. */
export function measureScheduler(report) {
  const scheduler = fillScheduler();
  const times = { next: [], known: [], changed: [] };
  const timed = (name, work) => {
    const begun = performance.now();
    const result = work();
    times[name].push(performance.now() - begun);
    return result;
  };
  const running = [];
  for (let left = 500; left > 0; ) {
    const task = timed('next', () => scheduler.next());
    timed('changed', () => scheduler.place('499'));
    timed('known', () => scheduler.place('250'));
    if (task !== null) {
      running.push(task.id);
      left -= 1;
    } else scheduler.finished(running.shift(), { seconds: 1, peakMemoryMb: 0 });
  }
  report.group('The scheduler itself, with up to 500 waiting jobs of 50 people');
  const labels = { next: 'the next job', known: 'a place, the order known', changed: 'a place, the order changed' };
  for (const [name, label] of Object.entries(labels)) {
    report.figure(`scheduler-${name}-p50`, `${label}, p50`, [quantile(times[name], 0.5)], { digits: 3 });
    report.figure(`scheduler-${name}-p95`, `${label}, p95`, [quantile(times[name], 0.95)], { digits: 3 });
  }
}
