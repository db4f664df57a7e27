// Processor time of one process, split into threads that step back and the others.
import { readdirSync, readFileSync } from 'node:fs';
import { hasProc } from '../harness/child.mjs';

const TICK_MS = 10;

/** @returns ms since the process began: `low` of threads with a lowered priority, `usual` of the rest; NaN where it is not told (all but Linux) */
export function threadTimes(pid) {
  if (!hasProc) return { low: Number.NaN, usual: Number.NaN };
  const times = { low: 0, usual: 0 };
  for (const thread of readdirSync(`/proc/${pid}/task`)) {
    const stat = readFileSync(`/proc/${pid}/task/${thread}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    times[Number(fields[16]) > 0 ? 'low' : 'usual'] += (Number(fields[11]) + Number(fields[12])) * TICK_MS;
  }
  return times;
}
