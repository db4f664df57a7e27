// A memory cgroup for the server and all that it starts, as a container has one. Linux, and only for who may make one.
import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const versions = [
  { root: '/sys/fs/cgroup/memory', limit: 'memory.limit_in_bytes', peak: 'memory.max_usage_in_bytes', kills: 'memory.oom_control' },
  { root: '/sys/fs/cgroup', limit: 'memory.max', peak: 'memory.peak', kills: 'memory.events' },
];

/**
 * @param bytes for all processes in it together, with what they cache of files
 * @returns null where none can be had
 */
export function openMemoryCage(bytes) {
  const version = versions.find(({ root }) => existsSync(join(root, 'cgroup.procs')));
  if (version === undefined) return null;
  const folder = join(version.root, `jarvis-bench-${process.pid}`);
  const read = (name) => readFileSync(join(folder, name), 'utf8');
  try {
    mkdirSync(folder);
    writeFileSync(join(folder, version.limit), String(bytes));
  } catch {
    return null;
  }
  return {
    /** Words before a command that put it in. */
    prefix: ['sh', '-c', `echo $$ > ${join(folder, 'cgroup.procs')} && exec "$@"`, 'sh'],
    peakBytes: () => Number(read(version.peak)),
    /** Processes that the kernel ended in it. */
    kills: () => Number(/oom_kill (\d+)/.exec(read(version.kills))?.[1] ?? 0),
    pids: () =>
      read('cgroup.procs')
        .trim()
        .split('\n')
        .filter((pid) => pid !== '')
        .map(Number),
    remove() {
      try {
        rmdirSync(folder);
      } catch {
        // The last process is still ending; the folder is empty and harmless.
      }
    },
  };
}
