import { constants, setPriority } from 'node:os';
import { parentPort } from 'node:worker_threads';
import { compareSync, hashSync } from 'bcryptjs';

/** One job at a time; blocking is what this thread is for. `cost` counts for `hash`, `hash` for `verify`. */
export interface PasswordJob {
  readonly id: number;
  readonly type: 'hash' | 'verify';
  readonly password: string;
  readonly cost: number;
  readonly hash: string;
}

export type PasswordAnswer = { readonly id: number; readonly ms: number } & (
  | { readonly value: string | boolean }
  | { readonly failed: true }
);

try {
  // On Linux this lowers this thread only: measured, streams keep their pace while logins run.
  setPriority(0, constants.priority.PRIORITY_LOW);
} catch {
  // Not allowed here: the thread works at normal priority.
}

parentPort?.on('message', (job: PasswordJob) => {
  const startedAt = performance.now();
  try {
    const value = job.type === 'hash' ? hashSync(job.password, job.cost) : compareSync(job.password, job.hash);
    parentPort?.postMessage({ id: job.id, ms: performance.now() - startedAt, value } satisfies PasswordAnswer);
  } catch {
    // The reason may hold the input: only the fact crosses.
    parentPort?.postMessage({ id: job.id, ms: performance.now() - startedAt, failed: true } satisfies PasswordAnswer);
  }
});
