// How quiet the machine is, before anything is measured: the same fixed work again and again, on one core.
import { readFileSync } from 'node:fs';
import { quantile } from './measure.mjs';
import { quick } from './report.mjs';

const LAPS = quick ? 60 : 300;
const WORK = 400_000;

function lap() {
  const begun = performance.now();
  const cpuBegun = process.cpuUsage();
  let sum = 0;
  for (let index = 0; index < WORK; index += 1) sum = (sum + Math.imul(index, 2654435761)) | 0;
  const { user, system } = process.cpuUsage(cpuBegun);
  return { wall: performance.now() - begun, cpu: (user + system) / 1000, sum };
}

/** Time that the host took from this machine since the start, in ticks of 10 ms; 0 where it is not told. */
function stolen() {
  try {
    return Number(/^cpu +(?:\d+ +){7}(\d+)/.exec(readFileSync('/proc/stat', 'utf8'))?.[1] ?? 0);
  } catch {
    return 0;
  }
}

/** Fixed work on this core: what a repetition differs by although nothing differs. */
export async function measureNoise(report) {
  const before = stolen();
  const begun = performance.now();
  for (let index = 0; index < 20; index += 1) lap();
  const walls = [];
  for (let index = 0; index < LAPS; index += 1) {
    walls.push(lap().wall);
    if (index % 10 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  const lateness = [];
  for (let index = 0; index < LAPS; index += 1) {
    const due = performance.now() + 5;
    await new Promise((resolve) => setTimeout(resolve, 5));
    lateness.push(performance.now() - due);
  }
  const middle = quantile(walls, 0.5);
  report.group('The machine, before anything is measured');
  report.figure('work-p90', 'the same work: nine of ten laps against the median', [quantile(walls, 0.9) / middle], { unit: 'x' });
  report.figure('work-p99', 'the same work: 99 of 100 laps against the median', [quantile(walls, 0.99) / middle], { unit: 'x' });
  report.figure('timer-p99', 'a timer of an idle process comes late, p99', [quantile(lateness, 0.99)]);
  report.figure('stolen', 'time that the host took away meanwhile', [((stolen() - before) * 1000) / (performance.now() - begun)], {
    unit: '%',
    digits: 1,
  });
}
