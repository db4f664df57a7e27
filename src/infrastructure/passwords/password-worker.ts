import { parentPort } from 'node:worker_threads';
import { compareSync, hashSync } from 'bcryptjs';
import { stepBackThread } from '../process-priority.ts';

/** One job at a time; blocking is what this thread is for. `verify` does the work of `cost` also for a `hash` that was made with less. */
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

// Measured: streams keep their pace while logins run.
stepBackThread();

/** A step of cost doubles the work: 2^c and then 2^c, 2^(c+1) ... 2^(cost-1) more are 2^cost. */
function verify({ password, cost, hash }: PasswordJob): boolean {
  const matches = compareSync(password, hash);
  for (let step = Number(hash.slice(4, 6)); step > 0 && step < cost; step += 1) hashSync(password, step);
  return matches;
}

parentPort?.on('message', (job: PasswordJob) => {
  const startedAt = performance.now();
  try {
    const value = job.type === 'hash' ? hashSync(job.password, job.cost) : verify(job);
    parentPort?.postMessage({ id: job.id, ms: performance.now() - startedAt, value } satisfies PasswordAnswer);
  } catch {
    // The reason may hold the input: only the fact crosses.
    parentPort?.postMessage({ id: job.id, ms: performance.now() - startedAt, failed: true } satisfies PasswordAnswer);
  }
});
