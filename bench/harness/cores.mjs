// Keeps the server and its load on cores of their own where the machine allows it, so that they do not take each other's time.
import { spawnSync } from 'node:child_process';
import { cpus } from 'node:os';

/** The server and the load are kept apart. */
export const pinned = process.platform === 'linux' && cpus().length > 1 && spawnSync('taskset', ['-V']).status === 0;
const last = cpus().length - 1;

/** Words before a command that keep it to the core of the server; none where that is not possible. */
export const onServerCore = pinned ? ['taskset', '-c', String(last)] : [];
/** The same for the load: every other core. */
export const onLoadCores = pinned ? ['taskset', '-c', last === 1 ? '0' : `0-${last - 1}`] : [];
