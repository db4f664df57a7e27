import { AppError } from '../../lib/app-error.ts';
import type { Clock } from '../../lib/clock.ts';
import type { DocumentStore } from '../../lib/document-store.ts';
import { KeyedQueue } from '../../lib/keyed-queue.ts';
import type { Logger } from '../../lib/logger.ts';
import type { GalleryItem, Job, Page } from '../../protocol/index.ts';
import type { MessagingService } from '../messaging/messaging-service.ts';
import type { JobKinds } from '../ports/job-kinds.ts';
import type { AcceptedJob, JobAcceptance } from './job-acceptance.ts';
import type { JobRequest } from './job-admission.ts';
import type { JobDays } from './job-days.ts';
import type { JobFinisher } from './job-finisher.ts';
import type { JobGallery } from './job-gallery.ts';
import type { JobUploads } from './job-ports.ts';
import type { JobQueue } from './job-queue.ts';
import { finalStatuses, type JobRecord, jobReferrer, jobsCollection } from './job-record.ts';
import type { JobRecovery } from './job-recovery.ts';
import { taskOfRecord } from './job-runner.ts';
import type { JobStore } from './job-store.ts';
import { existing, listedJob, toJob } from './job-view.ts';
import { AttemptEndedError, type LiveJobs } from './live-jobs.ts';

export interface JobsOptions {
  readonly documents: DocumentStore;
  readonly store: JobStore;
  readonly live: LiveJobs;
  readonly queue: JobQueue;
  readonly acceptance: JobAcceptance;
  readonly finisher: JobFinisher;
  readonly recovery: JobRecovery;
  readonly gallery: JobGallery;
  readonly days: JobDays;
  readonly kinds: Pick<JobKinds, 'find'>;
  readonly uploads: JobUploads;
  readonly messaging: Pick<MessagingService, 'publishEvent' | 'users'>;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly keepDays: number;
  readonly placesMs: number;
}

const DAY_MS = 24 * 3600_000;
const DEFAULT_PAGE = 30;
/** Open jobs that `welcome` names. */
const MOST_OPEN = 100;
/** How long an attempt that was told to end is waited for before the process ends. */
const END_MS = 3000;
const RELEASE_MS = 200;

/** Image work that survives: what people ask for is stored, done in turn, and ends in exactly one way (PROMISES section 5). */
export class Jobs {
  readonly #options: JobsOptions;
  /** One request of a person at a time: what is counted for it must not change in between. */
  readonly #turns = new KeyedQueue();
  #shared = false;
  #draining = false;
  #stopTelling: () => void = () => {};

  constructor(options: JobsOptions) {
    this.#options = options;
  }

  /**
   * Accepts a job: stored when this resolves. The same `clientJobId` again is the same job.
   * @throws AppError ID_REUSED, DRAINING, OVERLOADED and what `JobAdmission.admit` throws
   */
  async submit(user: { readonly id: string }, request: JobRequest): Promise<Job> {
    const accepted = await this.#turns.run(user.id, () => this.#options.acceptance.accept(user.id, request, this.#draining));
    return this.#shown(accepted.duplicate ? accepted.record : await this.#take(accepted));
  }

  async get(userId: string, id: string): Promise<Job> {
    const record = await this.#options.store.owned(userId, id);
    await this.#options.store.followUp(record);
    return this.#shown(record);
  }

  /** Newest first; long texts cut, without `data`. */
  async list(
    userId: string,
    query: { readonly cursor?: string | undefined; readonly open?: boolean | undefined; readonly limit?: number | undefined },
  ): Promise<Page<Job>> {
    const where =
      query.open === true
        ? { index: 'byOwnerOpen', where: { ownerId: userId, open: true } }
        : { index: 'byOwner', where: { ownerId: userId } };
    const from = query.cursor === undefined ? {} : { cursor: query.cursor };
    const page = await this.#options.store.find({ ...where, ...from, order: 'desc', limit: query.limit ?? DEFAULT_PAGE });
    return { items: (await this.#shownAll(userId, page.items)).map(listedJob), nextCursor: page.nextCursor };
  }

  /** Those that are not final, oldest first: for `welcome`. */
  async open(userId: string): Promise<Job[]> {
    const { store, live } = this.#options;
    const page = await store.find({ index: 'byOwnerOpen', where: { ownerId: userId, open: true }, order: 'asc', limit: MOST_OPEN });
    // Another process may work on them: from now on this one tells their owner.
    if (this.#shared) for (const record of page.items) if (live.record(record.id) === null) await this.#follow(record);
    return this.#shownAll(userId, page.items);
  }

  /** Ends a job, waiting or running, at once; its process is gone within two seconds. Again: the same. @throws AppError NOT_FOUND, JOB_ENDED */
  async cancel(userId: string, id: string): Promise<Job> {
    const { store } = this.#options;
    for (;;) {
      const record = await store.owned(userId, id);
      if (record.status === 'cancelled') return this.#shown(record);
      if (!record.open) throw new AppError('JOB_ENDED', { params: { status: record.status } });
      const ended = await this.#cancelled(record);
      if (ended !== null) return this.#shown(ended);
    }
  }

  /** A WebP. @throws AppError NOT_FOUND, also when there is none (now) */
  async preview(userId: string, id: string): Promise<Uint8Array> {
    await this.#options.store.owned(userId, id);
    const data = this.#options.live.previewOf(id);
    if (data === null) throw new AppError('NOT_FOUND');
    return data;
  }

  gallery(
    userId: string,
    query: { readonly cursor?: string | undefined; readonly limit?: number | undefined },
  ): Promise<Page<GalleryItem>> {
    return this.#options.gallery.list(userId, query);
  }

  /** The pictures of this job are no longer kept for the gallery. @throws AppError NOT_FOUND */
  removeFromGallery(userId: string, jobId: string): Promise<void> {
    return this.#options.gallery.remove(userId, jobId);
  }

  /** Takes up what is stored and begins to work. @param shared whether other processes may use the same database */
  async start(shared: boolean): Promise<void> {
    const { recovery, clock, live, messaging, placesMs } = this.#options;
    this.#shared = shared;
    await recovery.start(shared);
    const isThere = (userId: string) => messaging.users.getSessionInfo(userId).sessions > 0;
    this.#stopTelling();
    this.#stopTelling = clock.every(placesMs, () => live.tellPlaces(isThere));
  }

  /** Accept nothing more and begin nothing more; what runs goes on. */
  beginDrain(): void {
    this.#draining = true;
    this.#options.queue.hold();
  }

  /** Gives what runs `ms` to end; then it is put back at its place, uncounted (J11). */
  async drain(ms: number): Promise<void> {
    const { queue, live, clock, recovery } = this.#options;
    this.beginDrain();
    const idle = queue.idle();
    await within(idle, ms, clock);
    const deadline = within(idle, END_MS, clock);
    const release = () => Promise.all(live.running().map(({ record }) => this.#release(record)));
    // Again and again: an attempt may have been about to begin.
    const stopReleasing = clock.every(RELEASE_MS, () => void release());
    await release();
    await deadline;
    stopReleasing();
    recovery.stop();
    this.#stopTelling();
    live.close();
  }

  /** Removes ended jobs that are old. Their pictures stay where the gallery or a message shows them. */
  async sweep(): Promise<number> {
    const { store, clock, keepDays, days } = this.#options;
    const before = clock.now() - keepDays * DAY_MS;
    let removed = 0;
    for (const status of finalStatuses) {
      for await (const record of store.each({ index: 'byEnd', where: { status }, range: { from: 0, before } })) {
        await this.#remove(record);
        removed += 1;
      }
    }
    await days.sweep();
    return removed;
  }

  /** The conversation is deleted (it may come back): what is open in it is cancelled. */
  async cancelIn(userId: string, conversationId: string): Promise<void> {
    for await (const record of this.#inConversation(userId, conversationId)) if (record.open) await this.#cancelled(record);
  }

  /** The conversation is gone for good: so are its jobs, with their inputs. Pictures in the gallery stay. */
  async releaseConversation(userId: string, conversationId: string): Promise<void> {
    for await (const record of this.#inConversation(userId, conversationId)) await this.#remove(record);
  }

  /** The account is gone: nothing of its jobs stays. */
  async releaseUser(userId: string): Promise<void> {
    const { store, gallery } = this.#options;
    for await (const record of store.each({ index: 'byOwner', where: { ownerId: userId } })) await this.#remove(record);
    await gallery.removeAll(userId);
  }

  /** Puts a waiting row into the queue of this process. */
  async enqueue(record: JobRecord): Promise<void> {
    const { queue, live, kinds, store, finisher } = this.#options;
    if (this.#draining || queue.has(record.id)) return;
    // A store that is away is no reason to end a job: whoever sweeps comes again.
    if (live.record(record.id) === null) await this.#follow(record);
    try {
      const { kind, task } = taskOfRecord(kinds, record);
      queue.add(record, kind.estimate(task), record.retryAt ?? 0);
    } catch (error) {
      const ended = await store.end(live.current(record), 'failed', AppError.from(error).toShape());
      if (ended !== null) await finisher.tellEnd(ended);
    }
  }

  /** @returns the row as it is now */
  async #take({ record, files }: AcceptedJob): Promise<JobRecord> {
    const { store, live, finisher } = this.#options;
    if (!record.open) {
      await finisher.tellEnd(record, files);
      return record;
    }
    live.adopt(record, files);
    await this.enqueue(record);
    const known = live.record(record.id);
    // It has ended already, and that was told.
    if (known === null) return (await store.get(record.id)) ?? record;
    live.update(known);
    return known;
  }

  /** @returns null when it changed in the meantime */
  async #cancelled(record: JobRecord): Promise<JobRecord | null> {
    const { store, live, queue, finisher } = this.#options;
    const ended = await store.end(live.current(record), 'cancelled');
    if (ended === null) return null;
    // Asked for now: it may have begun while the row was written.
    live.attempt(record.id)?.controller.abort(new AttemptEndedError('cancelled'));
    queue.remove(record.id);
    await finisher.tellEnd(ended);
    return ended;
  }

  async #release(record: JobRecord): Promise<void> {
    const { store, live, logger } = this.#options;
    const attempt = live.attempt(record.id);
    try {
      const released = await store.release(live.current(record));
      if (released !== null) live.update(released);
    } catch (error) {
      logger.warn({ jobId: record.id, error }, 'a running job could not be put back; its lease ends by itself');
    }
    attempt?.controller.abort(new AttemptEndedError('drained'));
  }

  async #remove(record: JobRecord): Promise<void> {
    const { documents, uploads, live } = this.#options;
    if (record.open) await this.#cancelled(record);
    await uploads.release(record.ownerId, jobReferrer(record.id));
    live.forget(record.id);
    await documents.delete(jobsCollection.name, record.id);
  }

  #inConversation(ownerId: string, conversationId: string): AsyncGenerator<JobRecord> {
    return this.#options.store.each({ index: 'byConversation', where: { ownerId, conversationId } });
  }

  async #follow(record: JobRecord): Promise<void> {
    const known = await this.#options.uploads.find(record.ownerId, record.input);
    this.#options.live.adopt(record, [...known.values()]);
  }

  async #shown(record: JobRecord): Promise<Job> {
    const [job] = await this.#shownAll(record.ownerId, [record]);
    if (job === undefined) throw new AppError('NOT_FOUND');
    return job;
  }

  async #shownAll(userId: string, records: readonly JobRecord[]): Promise<Job[]> {
    const { uploads, live } = this.#options;
    const ids = [...new Set(records.flatMap(({ input, results }) => [...input, ...results]))];
    const files = await uploads.find(userId, ids);
    return records.map((record) => {
      const known = live.record(record.id);
      // What is in memory is newer only while the job is open.
      const newest = known !== null && record.open ? known : record;
      return toJob(newest, existing([...new Set([...newest.input, ...newest.results])], files), live.overlay(record.id));
    });
  }
}

/** Resolves when the work is done or the time is up. */
function within(work: Promise<unknown>, ms: number, clock: Clock): Promise<void> {
  return new Promise((resolve, reject) => {
    const cancel = clock.after(ms, resolve);
    work.then(() => resolve(), reject).finally(cancel);
  });
}
