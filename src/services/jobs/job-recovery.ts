import { AppError } from '../../lib/app-error.ts';
import type { Clock } from '../../lib/clock.ts';
import type { DocumentStore } from '../../lib/document-store.ts';
import type { Logger } from '../../lib/logger.ts';
import { StoreUnavailableError } from '../../lib/store-errors.ts';
import type { JobFinisher } from './job-finisher.ts';
import { type JobRecord, jobsCollection } from './job-record.ts';
import type { JobStore } from './job-store.ts';
import type { JobTimings } from './job-timings.ts';
import { AttemptEndedError, type LiveJobs } from './live-jobs.ts';

export interface JobRecoveryOptions {
  readonly documents: DocumentStore;
  readonly store: JobStore;
  readonly live: LiveJobs;
  readonly finisher: JobFinisher;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly timings: JobTimings;
  /** Puts a waiting row into the queue of this process, unless it is there. */
  readonly enqueue: (record: JobRecord) => Promise<void>;
  /** Takes out of the queue what another process has. */
  readonly dequeue: (jobId: string) => void;
}

const DAY_MS = 24 * 3600_000;

/** Keeps the leases of this process's attempts, finds what nobody works on, and follows what other processes do. */
export class JobRecovery {
  readonly #options: JobRecoveryOptions;
  readonly #timers: (() => void)[] = [];
  #dead = 0;

  constructor(options: JobRecoveryOptions) {
    this.#options = options;
  }

  /** Dead jobs of the last day, as of the last sweep. */
  get dead(): number {
    return this.#dead;
  }

  /** @param shared whether other processes may use the same database: then only an ended lease proves a process dead (J12) */
  async start(shared: boolean): Promise<void> {
    await this.#finishPending(shared ? this.#options.timings.sweepMs : null);
    await this.takeBack(!shared);
    await this.#requeue(null);
    await this.#countDead();
    if (this.#timers.length > 0) return;
    const { timings } = this.#options;
    this.#repeat(timings.renewMs, () => this.#renew(), 'leases of jobs could not be renewed');
    this.#repeat(timings.saveMs, () => this.#saveProgress(), 'the progress of jobs could not be stored');
    this.#repeat(timings.sweepMs, () => this.sweep(), 'jobs that nobody works on could not be looked for');
    if (shared) this.#repeat(timings.watchMs, () => this.#watch(), 'jobs of other processes could not be looked at');
  }

  stop(): void {
    for (const cancel of this.#timers.splice(0)) cancel();
  }

  /** Everything that a dead process, or a moment without a store, left lying. */
  async sweep(): Promise<void> {
    const { sweepMs } = this.#options.timings;
    await this.#finishPending(sweepMs);
    await this.takeBack(false);
    await this.#requeue(sweepMs);
    await this.#countDead();
  }

  /** Rows that are said to run and whose process is gone. @param all the store's lock proves that no other process lives */
  async takeBack(all: boolean): Promise<void> {
    const { live, finisher, documents, timings, enqueue } = this.#options;
    const before = (await documents.now()) - timings.leaseGraceMs;
    const range = all ? {} : { range: { before } };
    await this.#each({ index: 'byLease', where: { status: 'running' }, ...range }, async (record) => {
      if (live.attempt(record.id) !== null) return;
      const now = await finisher.lost(record, 'crashed');
      if (now?.status === 'queued') await enqueue(now);
    });
  }

  /** J1: a waiting row that is in no queue here is put into it. @param olderThanMs null: of any age, also of a clock that was ahead */
  async #requeue(olderThanMs: number | null): Promise<void> {
    const { clock, enqueue } = this.#options;
    const range = olderThanMs === null ? {} : { range: { to: clock.now() - olderThanMs } };
    await this.#each({ index: 'byQueue', where: { status: 'queued' }, ...range }, enqueue);
  }

  async #finishPending(olderThanMs: number | null): Promise<void> {
    const { store, clock } = this.#options;
    const range = { from: 0, ...(olderThanMs === null ? {} : { to: clock.now() - olderThanMs }) };
    await this.#each({ index: 'byPending', where: {}, range }, (record) => store.followUp(record));
  }

  /** One row that nothing can be done with keeps neither the others from being looked at nor the server from starting. */
  async #each(query: Parameters<JobStore['each']>[0], work: (record: JobRecord) => Promise<void>): Promise<void> {
    for await (const record of this.#options.store.each(query)) {
      try {
        await work(record);
      } catch (error) {
        if (error instanceof StoreUnavailableError) throw error;
        this.#options.logger.error({ jobId: record.id, error }, 'what belongs to a job could not be taken up');
      }
    }
  }

  async #countDead(): Promise<void> {
    const { documents, clock, logger } = this.#options;
    const range = { from: clock.now() - DAY_MS };
    const dead = await documents.count(jobsCollection.name, { index: 'byEnd', where: { status: 'dead' }, range, limit: 1000 });
    if (dead > this.#dead) logger.error({ count: dead }, 'jobs were given up in the last day: see the reason in each, and /readyz');
    this.#dead = dead;
  }

  async #renew(): Promise<void> {
    const { live, store, timings } = this.#options;
    if (live.running().length === 0) return;
    const leaseUntil = await store.leaseUntil(timings.leaseMs);
    for (const { record } of live.running()) if (!(await store.renew(record, { leaseUntil }))) await this.#givenAway(record.id);
  }

  async #saveProgress(): Promise<void> {
    const { live, store } = this.#options;
    for (const { record, progress, note } of live.running()) {
      if (progress === record.progress) continue;
      const { version } = live.current(record);
      const said = note === undefined ? {} : { note: { ...note } };
      if (await store.renew(record, { progress, version, ...said })) live.saved(record.id, progress);
      else await this.#givenAway(record.id);
    }
  }

  /** Another process cancelled it, took it over, or began it: what is stored holds (J10: within two seconds). */
  async #watch(): Promise<void> {
    const { live, documents } = this.#options;
    const ids = live.ids().slice(0, 1000);
    if (ids.length === 0) return;
    const rows = new Map((await documents.getMany<JobRecord>(jobsCollection.name, ids)).map((row) => [row.id, row]));
    for (const id of ids) {
      const row = rows.get(id) ?? null;
      const attempt = live.attempt(id);
      if (attempt === null) this.#follow(id, row);
      else if (row?.status !== 'running' || row.attemptToken !== attempt.token) await this.#givenAway(id);
    }
  }

  #follow(id: string, row: JobRecord | null): void {
    const { live, dequeue } = this.#options;
    const known = live.record(id);
    if (known === null || (row?.status === known.status && row.version <= known.version)) return;
    if (row?.status !== 'queued') dequeue(id);
    if (row === null) live.forget(id);
    else live.update(row);
  }

  async #givenAway(id: string): Promise<void> {
    const { live, store } = this.#options;
    const row = await store.get(id);
    live.attempt(id)?.controller.abort(new AttemptEndedError('taken over'));
    if (row === null) live.forget(id);
    else live.update(row);
  }

  #repeat(ms: number, work: () => Promise<void>, trouble: string): void {
    const { clock, logger } = this.#options;
    let working = false;
    const run = () => {
      if (working) return;
      working = true;
      work()
        .catch((error: unknown) => logger.warn({ error: AppError.from(error) }, trouble))
        .finally(() => {
          working = false;
        });
    };
    this.#timers.push(clock.every(ms, run));
  }
}
