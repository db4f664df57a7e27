// Runs benchmarks one after the other, each in a process of its own.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, totalmem } from 'node:os';
import { join } from 'node:path';
import { readBuildState, root } from '../../scripts/build-state.mjs';
import { hasProc } from './child.mjs';
import { pinned } from './cores.mjs';
import { resultsFolder } from './report.mjs';

/**
 * All there are, in the order in which they run. `quick`: part of what CI runs; `alone`: only by name (it takes long).
 */
export const benchmarks = [
  { name: 'noise', quick: true },
  { name: 'relay', quick: true },
  { name: 'overload' },
  { name: 'fanout' },
  { name: 'idle' },
  { name: 'upstream' },
  { name: 'login-storm' },
  { name: 'image-storm' },
  { name: 'accept', quick: true },
  { name: 'history' },
  { name: 'cold-start', quick: true },
  { name: 'jobs' },
  { name: 'client' },
  { name: 'under-attack', alone: true },
  { name: 'small-machine', alone: true },
  { name: 'soak', alone: true },
];

/** The machine, the versions and the commit that figures belong to. */
export function machine() {
  const git = (...words) => {
    try {
      return execFileSync('git', words, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
    } catch {
      return '';
    }
  };
  return {
    node: process.version,
    cpu: `${cpus().length} x ${cpus()[0]?.model.trim() ?? 'CPU'}`,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    system: `${process.platform} ${process.arch}`,
    date: new Date().toISOString().slice(0, 10),
    commit: git('rev-parse', '--short', 'HEAD'),
    changed: git('status', '--porcelain', '--', 'src', 'public', 'plugins') !== '',
  };
}

/** One that takes longer hangs: it ends badly instead of never. */
const LONGEST_MS = 10 * 60_000;

/** @returns the names of those that ended badly; throws when somebody broke one off */
export function runBenchmarks(names, { quick, env = {} }) {
  if (readBuildState() !== 'fresh') {
    const { status } = spawnSync(process.execPath, [join(root, 'scripts/build.mjs')], { stdio: 'inherit' });
    if (status !== 0) throw new Error('The build failed: there is nothing to measure.');
  }
  const about = machine();
  mkdirSync(resultsFolder, { recursive: true });
  writeFileSync(join(resultsFolder, 'machine.json'), `${JSON.stringify(about, null, 1)}\n`);
  console.log(
    `Node ${about.node}, ${about.cpu}, ${about.memoryGiB} GiB, ${about.date}, commit ${about.commit}${about.changed ? ' with changes' : ''}, load ${loadavg()[0].toFixed(1)}`,
  );
  if (!hasProc) console.log('!! NO PROCESSOR TIME IS MEASURED: only Linux tells what each process costs.');
  if (!pinned)
    console.log(
      '!! SERVER AND LOAD SHARE THE CORES: Linux, two cores and taskset would keep them apart, latencies are not those of the server alone.',
    );
  return names.filter((name) => {
    console.log(`\n== ${name}`);
    // What is told at the end was measured now.
    rmSync(join(env.BENCH_OUT ?? resultsFolder, `${name}.json`), { force: true });
    const { alone = false } = benchmarks.find((one) => one.name === name) ?? {};
    const { status, signal } = spawnSync(process.execPath, [join(root, 'bench', `${name}.mjs`)], {
      stdio: 'inherit',
      ...(alone ? {} : { timeout: LONGEST_MS }),
      env: { ...process.env, BENCH_COMMIT: `${about.commit}${about.changed ? '+' : ''}`, ...(quick ? { BENCH_QUICK: '1' } : {}), ...env },
    });
    if (status === 130 || signal === 'SIGINT') throw new Error(`${name} was broken off.`);
    return status !== 0;
  });
}
