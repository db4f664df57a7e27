import { AppError } from '../../lib/app-error.ts';
import type { Clock } from '../../lib/clock.ts';
import type { BatchOperation, DocumentStore, FindQuery, JsonValue, Scalar } from '../../lib/document-store.ts';
import { ExpectationError, StoreUnavailableError, UniqueViolationError } from '../../lib/store-errors.ts';
import type { ErrorShape } from '../../protocol/index.ts';
import { type JobRecord, jobsCollection, nextVersion } from './job-record.ts';

/** What belongs to a change of state: each step can be repeated, and is until all are done. */
export interface JobFollowUps {
  readonly operations: readonly BatchOperation[];
  /** Files and who refers to them from now on. */
  readonly refer: readonly { readonly referrer: string; readonly fileIds: readonly string[] }[];
}

export type JobResult = Pick<JobRecord, 'results'> &
  Partial<Pick<JobRecord, 'text' | 'data' | 'facts' | 'provider' | 'seconds' | 'cached'>>;

export interface JobStoreOptions {
  readonly documents: DocumentStore;
  readonly clock: Clock;
  readonly uploads: { refer(ownerId: string, fileIds: readonly string[], referrerId: string): Promise<void> };
}

/** What the store counts in one call. */
const MOST_COUNTED = 1000;

/** The end is newer than all that was ever told, also by a process with another clock: whoever waits for it must see it. */
const END_AHEAD = 1e9;

type Fields = Readonly<Record<string, JsonValue | undefined>>;

/**
 * Every change of a job's row, each by compare-and-set: of two who would end a job, one does. Methods answer null when somebody
 * else was first. Pass rows with the version that was told last (`LiveJobs.current`).
 */
export class JobStore {
  readonly #options: JobStoreOptions;

  constructor(options: JobStoreOptions) {
    this.#options = options;
  }

  get(id: string): Promise<JobRecord | null> {
    return this.#options.documents.get<JobRecord>(jobsCollection.name, id);
  }

  /** @throws AppError NOT_FOUND for somebody else's as well */
  async owned(ownerId: string, id: string): Promise<JobRecord> {
    const record = await this.get(id);
    if (record === null || record.ownerId !== ownerId) throw new AppError('NOT_FOUND');
    return record;
  }

  async byKey(dedupeKey: string): Promise<JobRecord | null> {
    return (await this.find({ index: 'dedupe', where: { dedupeKey }, limit: 1 })).items[0] ?? null;
  }

  find(query: FindQuery) {
    return this.#options.documents.find<JobRecord>(jobsCollection.name, query);
  }

  /** Every row that a query finds, page by page; rows may leave the query meanwhile. */
  async *each(query: Omit<FindQuery, 'limit' | 'cursor'>): AsyncGenerator<JobRecord> {
    let cursor: string | null = null;
    do {
      const from: { cursor?: string } = cursor === null ? {} : { cursor };
      const page: { items: JobRecord[]; nextCursor: string | null } = await this.find({ ...query, ...from, limit: 200 });
      yield* page.items;
      cursor = page.nextCursor;
    } while (cursor !== null);
  }

  /** Whether there are at least `limit` such rows; 0 is no limit. */
  async reaches(limit: number, index: string, where: Readonly<Record<string, Scalar>>): Promise<boolean> {
    if (limit <= 0) return false;
    if (limit <= MOST_COUNTED) return (await this.#options.documents.count(jobsCollection.name, { index, where, limit })) >= limit;
    let left = limit;
    for await (const _record of this.each({ index, where })) if (--left === 0) return true;
    return false;
  }

  /**
   * The acceptance: the row and what belongs to it in one batch, the row first.
   * @param repeatable the same operations for later, should the batch break (MongoDB)
   * @returns null when the same client id was accepted before
   * @throws AppError NOT_FOUND when the conversation was deleted meanwhile
   */
  async accept(record: JobRecord, operations: readonly BatchOperation[], repeatable: readonly BatchOperation[]): Promise<JobRecord | null> {
    const { documents, clock } = this.#options;
    const insert = (row: JobRecord): BatchOperation => ({ type: 'insert', collection: jobsCollection.name, document: row });
    try {
      if (operations.length === 0) await documents.batch([insert(record)]);
      else {
        const row = {
          ...record,
          pending: JSON.stringify({ operations: repeatable, refer: [] } satisfies JobFollowUps),
          pendingSince: clock.now(),
        };
        await documents.batch([insert(row), ...operations, this.#done(record.id)]);
      }
      return record;
    } catch (error) {
      // Asking a store that just did not answer would double the wait: the same request again finds what was written.
      if (error instanceof StoreUnavailableError) throw error;
      if (error instanceof UniqueViolationError && (await this.byKey(record.dedupeKey)) !== null) return null;
      // A batch that broke after its first operation is accepted all the same (MongoDB).
      const stored = await this.get(record.id);
      if (stored === null) throw error instanceof ExpectationError ? new AppError('NOT_FOUND') : error;
      await this.followUp(stored);
      return record;
    }
  }

  /** Takes a waiting job for one attempt of this process. */
  async claim(
    record: JobRecord,
    attempt: { readonly token: string; readonly owner: string; readonly leaseMs: number },
  ): Promise<JobRecord | null> {
    const { documents, clock } = this.#options;
    const leaseUntil = (await documents.now()) + attempt.leaseMs;
    const set = {
      status: 'running',
      attemptToken: attempt.token,
      leaseOwner: attempt.owner,
      leaseUntil,
      retryAt: null,
      progress: null,
      startedAt: clock.now(),
      version: this.#version(record),
    };
    const change = { expect: { status: 'queued' }, set, unset: ['note'], increment: { attempts: 1 } };
    return documents.update<JobRecord>(jobsCollection.name, record.id, change);
  }

  /** @returns false when the attempt is not this process's any more */
  async renew(record: JobRecord, fields: Fields): Promise<boolean> {
    return (await this.#whileRunning(record, { set: fields })) !== null;
  }

  async leaseUntil(leaseMs: number): Promise<number> {
    return (await this.#options.documents.now()) + leaseMs;
  }

  /** The one commit of a result. Done twice by the same attempt it is done once. */
  async succeed(record: JobRecord, result: JobResult, follow: JobFollowUps): Promise<JobRecord | null> {
    const pending = { pending: JSON.stringify(follow), pendingSince: this.#options.clock.now() };
    const set = { ...this.#ended(record, 'succeeded'), ...result, progress: 100, ...pending };
    const ended = await this.#whileRunning(record, { set, unset: ['note', 'error'] });
    if (ended !== null) return ended;
    // An earlier try whose answer was lost may have done it.
    const now = await this.get(record.id);
    return now !== null && now.status === 'succeeded' && now.attemptToken === record.attemptToken ? now : null;
  }

  async end(record: JobRecord, status: 'failed' | 'dead' | 'cancelled', error?: ErrorShape, extra: Fields = {}): Promise<JobRecord | null> {
    const set = { ...this.#ended(record, status), ...(error === undefined ? {} : { error: { ...error } }), ...extra };
    const change = { set, unset: ['note'] };
    if (record.status === 'running') return this.#whileRunning(record, change);
    return this.#options.documents.update<JobRecord>(jobsCollection.name, record.id, { expect: { status: 'queued' }, ...change });
  }

  /** Back into the queue after a failed attempt. */
  requeue(
    record: JobRecord,
    { retryAt, crashes, error }: Pick<JobRecord, 'crashes'> & { retryAt: number; error?: ErrorShape },
  ): Promise<JobRecord | null> {
    const shape = error === undefined ? {} : { error: { ...error } };
    return this.#whileRunning(record, {
      set: { ...this.#waiting(record), queuedAt: this.#options.clock.now(), retryAt, crashes, ...shape },
      unset: ['note'],
    });
  }

  /** Back into the queue, at its old place and as if the attempt had not begun (J11). */
  release(record: JobRecord): Promise<JobRecord | null> {
    return this.#whileRunning(record, { set: this.#waiting(record), unset: ['note'], increment: { attempts: -1 } });
  }

  /** Does what the last change of state left to do. */
  async followUp(record: JobRecord): Promise<void> {
    if (record.pending === undefined) return;
    const { documents, uploads } = this.#options;
    const follow: JobFollowUps = JSON.parse(record.pending);
    for (const { referrer, fileIds } of follow.refer) {
      for (const fileId of fileIds) await uploads.refer(record.ownerId, [fileId], referrer).catch(unlessGone);
    }
    for (const operation of follow.operations) await documents.batch([operation]).catch(unlessChanged);
    await documents.batch([this.#done(record.id)]).catch(unlessChanged);
  }

  #whileRunning(
    record: JobRecord,
    change: { set: Fields; unset?: string[]; increment?: Record<string, number> },
  ): Promise<JobRecord | null> {
    const expect = { status: 'running', attemptToken: record.attemptToken };
    return this.#options.documents.update<JobRecord>(jobsCollection.name, record.id, { expect, ...change });
  }

  #waiting(record: JobRecord): Fields {
    return { status: 'queued', attemptToken: null, leaseOwner: null, leaseUntil: null, progress: null, version: this.#version(record) };
  }

  #ended(record: JobRecord, status: JobRecord['status']): Fields {
    const version = this.#version(record) + END_AHEAD;
    return { status, open: false, leaseUntil: null, retryAt: null, endedAt: this.#options.clock.now(), version };
  }

  #version(record: JobRecord): number {
    return nextVersion(record, record.version, this.#options.clock.now());
  }

  #done(id: string): BatchOperation {
    return { type: 'update', collection: jobsCollection.name, id, change: { unset: ['pending', 'pendingSince'] } };
  }
}

/** What no longer meets its expectation was done before, or its document is gone. */
function unlessChanged(error: unknown): void {
  if (!(error instanceof ExpectationError)) throw error;
}

function unlessGone(error: unknown): void {
  if (AppError.from(error).code !== 'NOT_FOUND') throw error;
}
