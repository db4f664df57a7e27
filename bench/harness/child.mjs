// Processes of a benchmark: the load and the stand-ins for the model run apart from the server and from what measures.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../../scripts/build-state.mjs';
import { onLoadCores } from './cores.mjs';

/** Linux tells what a process costs, thread by thread. */
export const hasProc = existsSync('/proc/self/task');

/** User and system time of the threads of a process, in milliseconds; NaN where it is not told (all but Linux). */
export function cpuMs(pid) {
  if (!hasProc) return Number.NaN;
  let nanos = 0;
  for (const task of readdirSync(`/proc/${pid}/task`)) {
    try {
      nanos += Number.parseInt(readFileSync(`/proc/${pid}/task/${task}/schedstat`, 'utf8'), 10);
    } catch {
      // A thread that ended between the two.
    }
  }
  return nanos / 1e6;
}

/** Resident memory of a process in bytes. */
export function rssBytes(pid) {
  if (!hasProc) return Number(execFileSync('ps', ['-o', 'rss=', '-p', String(pid)], { encoding: 'utf8' })) * 1024;
  return Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? Number.NaN) * 1024;
}

/**
 * Starts a file of bench/load. It answers `process.on('message', ({ id, name, args }) => ...)` with `{ id, value }` or `{ id, error }`, see `serveCalls`.
 * @param prefix words before the command, such as `onServerCore`
 */
export async function startChild(file, { args = [], env = {}, prefix = onLoadCores, nodeArgs = [] } = {}) {
  const words = [...prefix, process.execPath, ...nodeArgs, join(root, 'bench/load', file), ...args.map(String)];
  const child = spawn(words[0], words.slice(1), { env: { ...process.env, ...env }, stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const waiting = new Map();
  let calls = 0;
  const gone = once(child, 'exit').then(([code]) => {
    for (const { reject } of waiting.values()) reject(new Error(`${file} ended with ${code}`));
    waiting.clear();
  });
  child.on('message', ({ id, value, error }) => {
    const { resolve, reject } = waiting.get(id) ?? {};
    waiting.delete(id);
    if (error === undefined) resolve?.(value);
    else reject?.(new Error(error));
  });
  return {
    pid: child.pid,
    call: (name, ...callArgs) =>
      new Promise((resolve, reject) => {
        calls += 1;
        waiting.set(calls, { resolve, reject });
        child.send({ id: calls, name, args: callArgs });
      }),
    async stop() {
      child.kill('SIGKILL');
      await gone;
    },
  };
}

/** The other side of `call`: runs one of the functions and sends back what it returned. */
export function serveCalls(functions) {
  process.on('message', ({ id, name, args }) => {
    Promise.resolve()
      .then(() => functions[name](...args))
      .then(
        (value) => process.send({ id, value: value ?? null }),
        (error) => process.send({ id, error: error.stack }),
      );
  });
  process.on('disconnect', () => process.exit(0));
}
