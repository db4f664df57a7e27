// The work of one job against `session.run` of the same tiles in a process that does nothing else, in turn.
import { readFileSync } from 'node:fs';
import { cpuMs, hasProc, startChild } from '../harness/child.mjs';
import { ratios, repeat } from '../harness/measure.mjs';
import { signUp } from '../harness/server.mjs';
import { ended, handIn, upload } from './people.mjs';

/** Of the small network, as the plugin plans it. */
const TILE = 128;
const OVERLAP = 10;
/** The target is meant for work of a usual size: the largest of these. */
const SIDES = [256, 768];

const tilesOf = (side) => Math.ceil((side - 2 * OVERLAP) / (TILE - 2 * OVERLAP)) ** 2;

/** CPU time of the child processes of the server: its inference hosts; NaN where it is not told (all but Linux). */
function hostsCpuMs(pid) {
  if (!hasProc) return Number.NaN;
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')
    .split(' ')
    .filter((word) => word !== '');
  return children.reduce((sum, child) => sum + cpuMs(child), 0);
}

/** @param threads that one job may use, and the bare session */
export async function measureThroughput(report, server, { threads, rounds }) {
  const bare = await startChild('bare-session.mjs', { args: [TILE, threads], prefix: [] });
  const token = await signUp(server, 'fay');
  const work = async (side) => {
    const file = await upload(server, token, side);
    const cpuBegun = hostsCpuMs(server.pid);
    const job = await handIn(server, token, file);
    const { seconds } = await ended(server, token, job.id);
    return { ms: seconds * 1000, cpu: hostsCpuMs(server.pid) - cpuBegun };
  };
  const alone = async (tiles) => {
    const cpuBegun = cpuMs(bare.pid);
    const ms = await bare.call('run', tiles);
    return { ms, cpu: cpuMs(bare.pid) - cpuBegun };
  };
  report.group(`The work of one job against bare session.run of the same tiles, ${threads} threads`);
  try {
    await work(SIDES[0]);
    for (const side of SIDES) {
      const tiles = tilesOf(side);
      const { session, job } = await repeat(rounds, async () => ({ session: await alone(tiles), job: await work(side) }));
      const of = (kind, field) => kind.map((round) => round[field]);
      const words = `${side} x ${side} pixels`;
      const id = side === SIDES.at(-1) ? 'work-vs-bare' : `work-vs-bare-${side}`;
      report.figure(`bare-${side}`, `${words}, ${tiles} tiles: bare session.run`, of(session, 'ms'), { digits: 0 });
      report.figure(`work-${side}`, `${words}: the job, from decoded picture to three files`, of(job, 'ms'), { digits: 0 });
      report.figure(id, `${words}: the job against the bare run`, ratios(of(job, 'ms'), of(session, 'ms')), { unit: 'x' });
      report.figure(`cpu-vs-bare-${side}`, `${words}: the same in CPU time`, ratios(of(job, 'cpu'), of(session, 'cpu')), { unit: 'x' });
    }
  } finally {
    await bare.stop();
  }
}
