// `--against <rev>`: the same benchmarks on this tree and on another commit, in turn, so that the machine does the same to both.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from '../../scripts/build-state.mjs';
import { median } from './measure.mjs';
import { shown } from './report.mjs';
import { figuresOf, readResult } from './results.mjs';
import { runBenchmarks } from './run-benchmarks.mjs';

const TURNS = 2;

/** Checks the commit out beside this one and builds it. @returns its folder and how to remove it */
function buildOther(rev) {
  const git = (...words) => execFileSync('git', words, { cwd: root, encoding: 'utf8' }).trim();
  const commit = git('rev-parse', '--verify', `${rev}^{commit}`);
  const folder = join(mkdtempSync(join(tmpdir(), 'jarvis-against-')), 'tree');
  git('worktree', 'add', '--detach', folder, commit);
  const remove = () => {
    rmSync(folder, { recursive: true, force: true });
    git('worktree', 'prune');
  };
  try {
    const same = readFileSync(join(folder, 'package-lock.json'), 'utf8') === readFileSync(join(root, 'package-lock.json'), 'utf8');
    if (same && existsSync(join(root, 'node_modules'))) symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
    else run('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], folder);
    run(process.execPath, ['scripts/build.mjs'], folder);
  } catch (error) {
    remove();
    throw error;
  }
  return { folder, commit: commit.slice(0, 7), remove };
}

function run(command, words, cwd) {
  const { status } = spawnSync(command, words, { cwd, stdio: ['ignore', 'ignore', 'inherit'] });
  if (status !== 0) throw new Error(`${command} ${words.join(' ')} ended with ${status}`);
}

/** @returns slower, faster or the same, by whether the repetitions of both overlap; null for what has no better side */
export function judge(now, then) {
  if (now.unit === '' || now.values.length < 2 || then.values.length < 2) return '';
  if (Math.min(...now.values) > Math.max(...then.values)) return 'more';
  if (Math.max(...now.values) < Math.min(...then.values)) return 'less';
  return 'within the noise';
}

function merge(results) {
  const all = new Map();
  for (const result of results) {
    for (const [id, figure] of figuresOf(result)) {
      const known = all.get(id);
      if (known === undefined) all.set(id, { ...figure, values: [...figure.values] });
      else known.values.push(...figure.values);
    }
  }
  return all;
}

/** Runs each benchmark on both, twice in turn, and prints figure beside figure. */
export function compareWith(rev, names, { quick }) {
  const other = buildOther(rev);
  const out = mkdtempSync(join(tmpdir(), 'jarvis-bench-results-'));
  try {
    const sides = { before: [], now: [] };
    for (let turn = 0; turn < TURNS; turn += 1) {
      for (const [side, folder] of [
        ['before', other.folder],
        ['now', root],
      ]) {
        const results = join(out, `${side}-${turn}`);
        console.log(`\n=== ${side === 'now' ? 'this tree' : other.commit}`);
        runBenchmarks(names, { quick, env: { BENCH_BUILD: folder, BENCH_OUT: results } });
        sides[side].push(results);
      }
    }
    console.log(`\n== this tree against ${other.commit}\n`);
    for (const name of names) printComparison(name, sides);
  } finally {
    other.remove();
    rmSync(out, { recursive: true, force: true });
  }
}

function printComparison(name, sides) {
  const of = (folders) => merge(folders.map((folder) => readResult(name, folder)).filter((result) => result !== null));
  const [now, then] = [of(sides.now), of(sides.before)];
  console.log(name);
  for (const [id, figure] of now) {
    const before = then.get(id);
    if (before === undefined) console.log(`  ${figure.label.padEnd(62)} ${''.padEnd(30)} ${shown(figure).padEnd(30)} not there before`);
    else {
      const ratio = median(figure.values) / median(before.values);
      const change = Number.isFinite(ratio) ? `${ratio.toFixed(2)} x` : '';
      console.log(
        `  ${figure.label.padEnd(62)} ${shown(before).padEnd(30)} ${shown(figure).padEnd(30)} ${change.padEnd(8)} ${judge(figure, before)}`,
      );
    }
  }
}
