import { availableParallelism } from 'node:os';
import { AppError } from '../../lib/app-error.ts';
import { PasswordThread, type PasswordThreadsDeps, type PendingJob } from './password-threads.ts';
import type { PasswordAnswer, PasswordJob } from './password-worker.ts';

export interface PasswordHasherOptions extends PasswordThreadsDeps {
  /** bcrypt's cost, 4 to 15; 12 is about 0.22 s. */
  readonly cost: number;
  /** At most this many hashes at once; fewer on a machine with fewer cores. */
  readonly maxThreads: number;
  /** A new job is refused once the waiting ones are worth more than this. */
  readonly maxWaitMs: number;
}

export interface PasswordHasher {
  /** @throws AppError PASSWORD_TOO_LONG, BAD_REQUEST (a NUL or half a character), OVERLOADED with the seconds to wait */
  hash(password: string): Promise<string>;
  /** The same errors as `hash`. The same work for every hash, whatever cost it was made with. */
  verify(password: string, hash: string): Promise<boolean>;
  /**
   * Keeps a place for a job whose hash has to be looked up first; what would wait too long is refused before that.
   * @returns gives the place back, to be called right before the job is handed in, or when there is none
   * @throws AppError OVERLOADED, DRAINING
   */
  reserve(): () => void;
  /** Whether the hash was made with another cost than the configured one. */
  isOutdated(hash: string): boolean;
  /** Well-formed, of the same cost, and matched by nothing. */
  readonly dummyHash: string;
  /** Jobs that wait or are being done. */
  waiting(): number;
  /** Stops the threads; waiting and later jobs fail with DRAINING. */
  close(): Promise<void>;
}

/** bcrypt's limit. */
const maxBytes = 72;
/** facts/performance: 223 ms at cost 12, twice that for each step; the truth is measured from the first job on. */
const msAtCost12 = 223;
const halfACharacter = /\p{Surrogate}/u;
/** Salt and digest in bcrypt's alphabet; the digest is not of any known password. */
const dummySaltAndDigest = 'C6UzMDM.H6dfI/f/IKxGhu7u8Oq0S4l0pE1yVJmXk3T2nZrWcBdaG';
const costInHash = /^\$2[aby]\$(\d\d)\$/;

type JobBody = Pick<PasswordJob, 'type'> & { readonly password: string; readonly cost: number; readonly hash: string };

/** bcrypt in worker threads that start with the first job, step back behind everything else, and stop when idle. */
export function createPasswordHasher(options: PasswordHasherOptions): PasswordHasher {
  const { cost } = options;
  const queue = createJobQueue(options);
  /** Once hashes of a higher cost were seen, all take as long as those: else the time would tell which accounts there are. */
  let verifyCost = cost;
  return {
    get dummyHash() {
      return `$2b$${String(verifyCost).padStart(2, '0')}$${dummySaltAndDigest}`;
    },

    isOutdated: (hash) => costOf(hash) !== cost,

    async hash(password) {
      assertHashable(password);
      return String(await queue.add({ type: 'hash', password, cost, hash: '' }));
    },

    async verify(password, hash) {
      assertHashable(password);
      verifyCost = Math.max(verifyCost, costOf(hash));
      return (await queue.add({ type: 'verify', password, cost: verifyCost, hash })) === true;
    },

    reserve: queue.reserve,
    waiting: queue.waiting,
    close: queue.close,
  };
}

function createJobQueue(options: PasswordHasherOptions) {
  const mostThreads = Math.max(1, Math.min(options.maxThreads, availableParallelism()));
  const threads = new Set<PasswordThread>();
  const waiting: PendingJob[] = [];
  let msPerHash = Math.max(1, msAtCost12 * 2 ** (options.cost - 12));
  let nextJobId = 1;
  let reserved = 0;
  let closed = false;

  function freeThread(): PasswordThread | null {
    for (const thread of threads) if (!thread.busy) return thread;
    if (threads.size >= mostThreads) return null;
    const thread = new PasswordThread(options, () => {
      threads.delete(thread);
      dispatch();
    });
    threads.add(thread);
    return thread;
  }

  function dispatch(): void {
    while (waiting.length > 0 && !closed) {
      const thread = freeThread();
      const next = thread === null ? undefined : waiting.shift();
      if (thread === null || next === undefined) return;
      thread.run(next);
    }
  }

  function valueOf(answer: PasswordAnswer): string | boolean {
    msPerHash += (answer.ms - msPerHash) / 4;
    dispatch();
    if ('failed' in answer) throw new AppError('INTERNAL', { cause: new Error('the password worker could not do the job') });
    return answer.value;
  }

  function assertRoom(): void {
    if (closed) throw new AppError('DRAINING');
    const before = waiting.length + reserved;
    const waitMs = ((before + 1) * msPerHash) / mostThreads;
    if (before > 0 && waitMs > options.maxWaitMs) {
      throw new AppError('OVERLOADED', { retryAfter: Math.max(1, Math.ceil(waitMs / 1000)) });
    }
  }

  return {
    reserve(): () => void {
      assertRoom();
      reserved += 1;
      let held = true;
      return () => {
        if (held) reserved -= 1;
        held = false;
      };
    },

    waiting: () => waiting.length + [...threads].filter((thread) => thread.busy).length,

    async add(body: JobBody): Promise<string | boolean> {
      assertRoom();
      const answer = await new Promise<PasswordAnswer>((resolve, reject) => {
        waiting.push({ job: { ...body, id: nextJobId++ }, resolve, reject });
        dispatch();
      });
      return valueOf(answer);
    },

    async close(): Promise<void> {
      closed = true;
      for (const each of waiting.splice(0)) each.reject(new AppError('DRAINING'));
      await Promise.all([...threads].map((thread) => thread.stop()));
    },
  };
}

function costOf(hash: string): number {
  return Number(costInHash.exec(hash)?.[1] ?? 0);
}

/** What bcrypt would cut or confuse is refused: bytes after the 72nd, after a NUL, and half characters (all alike in UTF-8). */
function assertHashable(password: string): void {
  if (Buffer.byteLength(password, 'utf8') > maxBytes) throw new AppError('PASSWORD_TOO_LONG', { params: { limit: maxBytes } });
  if (password.includes('\0') || halfACharacter.test(password)) throw new AppError('BAD_REQUEST', { params: { field: 'password' } });
}
