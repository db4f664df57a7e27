import { mkdir, writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { dirname } from 'node:path';
import { parseArgs } from 'node:util';
import { noise } from '../fixtures/images/make-images.ts';
import { type KillPhase, type KillResult, KillRun, killPhases, violationKinds } from './kill-run.ts';
import { SeededRandom } from './seeded-random.ts';
import { buildServerBundle } from './server-bundle.ts';

/**
 * npm run test:kills -- [--count 20] [--seed N] [--workers 2] [--json FILE]
 * Kills servers and proves after each kill that nothing acknowledged was lost. Exit 1 on any violation. Prints the table of docs/reliability.md.
 */
const { values } = parseArgs({
  options: {
    count: { type: 'string', default: '20' },
    workers: { type: 'string', default: '2' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    json: { type: 'string', default: 'dist/kills.json' },
  },
});
const count = Number(values.count);
const workers = Math.min(Number(values.workers), count);
const seed = Number(values.seed);

const phaseNames: Record<KillPhase, string> = {
  store: 'a write of messages',
  answer: 'an answer',
  upload: 'an upload',
  boot: 'the start after a kill',
  drain: 'the end by SIGTERM',
};

const begunAt = Date.now();
const results: KillResult[] = [];
console.log(`seed ${seed}: ${count} kills, ${workers} servers at a time`);
const bundle = await buildServerBundle();
try {
  const picture = await noise(300, 300).png().toBuffer();
  await Promise.all(Array.from({ length: workers }, (_, index) => work(index, picture)));
} finally {
  await bundle.remove();
}
const lines = report();
console.log(lines.join('\n'));
const failed = results.filter(({ violations }) => violations.length > 0).length;
await mkdir(dirname(values.json), { recursive: true });
// The first three are what a test runner's report has, so that both are summed by the same hand.
const summary = { numPassedTests: results.length - failed, numFailedTests: failed, testResults: [], seed, count, workers, results };
await writeFile(values.json, `${JSON.stringify(summary, null, 1)}\n`);
process.exitCode = failed > 0 || results.length < count ? 1 : 0;

/** Every worker has its share, so that a seed means the same kills whatever is faster. */
async function work(index: number, picture: Uint8Array): Promise<void> {
  const random = new SeededRandom(seed + index * 7919);
  const run = new KillRun({ program: bundle.program, random, picture, name: `s${seed}w${index}` });
  const share = Math.floor(count / workers) + (index < count % workers ? 1 : 0);
  try {
    for (let n = 1; n <= share; n += 1) {
      const result = await run.kill();
      const late = n === share ? await run.putAway() : [];
      const violations = [...result.violations, ...late];
      results.push({ ...result, violations });
      for (const { kind, what } of violations) console.log(`!! ${kind}: ${what}`);
      if (results.length % 50 === 0) console.log(`${results.length} kills, ${Math.round((Date.now() - begunAt) / 1000)} s`);
    }
  } finally {
    await run.close();
  }
}

function report(): string[] {
  const header = ['killed during', 'kills', 'acknowledged', ...violationKinds];
  const rowOf = (name: string, of: readonly KillResult[]): string[] => {
    const found = of.flatMap(({ violations }) => violations);
    const kinds = violationKinds.map((kind) => found.filter((one) => one.kind === kind).length);
    return [name, of.length, of.reduce((sum, { acknowledged }) => sum + acknowledged, 0), ...kinds].map(String);
  };
  const rows = killPhases.map((phase) =>
    rowOf(
      phaseNames[phase],
      results.filter((result) => result.phase === phase),
    ),
  );
  const ready = results.map(({ readyMs }) => readyMs).toSorted((a, b) => a - b);
  const at = (share: number) => Math.round(ready[Math.min(ready.length - 1, Math.floor(ready.length * share))] ?? 0);
  const lineOf = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [
    '',
    `\`npm run test:kills -- --count ${count} --seed ${seed} --workers ${workers}\` on ${new Date(begunAt).toISOString().slice(0, 10)}, Node ${process.versions.node}, ${cpus().length} cores, ${Math.round((Date.now() - begunAt) / 1000)} s:`,
    '',
    lineOf(header),
    lineOf(header.map((_, index) => (index === 0 ? '---' : '--:'))),
    ...rows.map(lineOf),
    lineOf(rowOf('all', results).map((cell) => `**${cell}**`)),
    '',
    `From the start of the process until it is ready again: half within ${at(0.5)} ms, 99 of 100 within ${at(0.99)} ms, the longest ${at(1)} ms.`,
  ];
}
