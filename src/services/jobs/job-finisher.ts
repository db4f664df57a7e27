import { AppError } from '../../lib/app-error.ts';
import { type Clock } from '../../lib/clock.ts';
import type { BatchOperation } from '../../lib/document-store.ts';
import type { Logger } from '../../lib/logger.ts';
import { StoreUnavailableError } from '../../lib/store-errors.ts';
import { type WorkerEnd, WorkerLostError } from '../../lib/worker-lost-error.ts';
import type { StoredFile } from '../../protocol/index.ts';
import { type MessageRecord, toMessage } from '../conversations/message-record.ts';
import type { MessagingService } from '../messaging/messaging-service.ts';
import type { JobOutcome } from '../ports/job-executor.ts';
import type { JobKinds } from '../ports/job-kinds.ts';
import { finishedOperations, finishedParts } from './job-message.ts';
import type { JobMetrics } from './job-metrics.ts';
import type { JobUploads, KindOutcome } from './job-ports.ts';
import { provenanceOf } from './job-provenance.ts';
import { type GalleryRecord, galleryCollection, galleryReferrer, type JobRecord, jobReferrer } from './job-record.ts';
import type { JobResults } from './job-results.ts';
import type { JobFollowUps, JobResult, JobStore } from './job-store.ts';
import { type JobTimings, MAX_CRASHES, MAX_STARTS } from './job-timings.ts';
import { AttemptEndedError, type LiveJobs } from './live-jobs.ts';

export interface JobFinisherOptions {
  readonly store: JobStore;
  readonly live: LiveJobs;
  readonly uploads: JobUploads;
  readonly results: JobResults;
  readonly kinds: Pick<JobKinds, 'find'> & { noteOutcome(kind: string, outcome: KindOutcome): void };
  readonly messaging: Pick<MessagingService, 'publishEvent'>;
  readonly message: (id: string) => Promise<MessageRecord | null>;
  readonly metrics: JobMetrics;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly timings: JobTimings;
  /** 0 to 1. */
  readonly random: () => number;
}

/** Writes how an attempt ended, then says so. */
export class JobFinisher {
  readonly #options: JobFinisherOptions;

  constructor(options: JobFinisherOptions) {
    this.#options = options;
  }

  /**
   * Stores the results and commits them, if the attempt still holds the job: else they are removed again (J3).
   * @throws AppError when the person's space is used up, the signal's reason when the attempt was ended meanwhile
   */
  async succeed(record: JobRecord, outcome: JobOutcome, signal: AbortSignal): Promise<void> {
    const { uploads, store, live, kinds, results } = this.#options;
    signal.throwIfAborted();
    // First: it asks the plugin, and may fail.
    const provenance = provenanceOf(record, outcome, kinds.find(record.kind));
    const files = await this.#storeAll(record, outcome);
    const result: JobResult = {
      results: files.map(({ id }) => id),
      facts: JSON.stringify(outcome.facts),
      seconds: outcome.seconds,
      ...(outcome.text === undefined ? {} : { text: outcome.text }),
      ...(outcome.data === undefined ? {} : { data: JSON.stringify(outcome.data) }),
      ...(outcome.provider === undefined ? {} : { provider: outcome.provider }),
    };
    const follow = this.followUpsOf(record, { files, provenance, text: outcome.text });
    const ended = await this.#persistently(record, () => store.succeed(live.current(record), result, follow));
    if (ended === null) {
      await uploads.discard(record.ownerId, result.results);
      await this.#lostIt(record);
      return;
    }
    kinds.noteOutcome(record.kind, 'succeeded');
    await this.#persistently(record, () => store.followUp(ended));
    await this.tellEnd(ended, files);
    await results.remember(ended, outcome.facts);
  }

  /** What is left to do once a result is committed: files kept, the message and the gallery. */
  followUpsOf(record: JobRecord, shown: Parameters<typeof finishedParts>[1]): JobFollowUps {
    const fileIds = shown.files.map(({ id }) => id);
    const operations = finishedOperations(record, finishedParts(record.id, shown), this.#options.clock.now());
    const refer = [{ referrer: jobReferrer(record.id), fileIds }];
    if (record.conversationId !== undefined) refer.push({ referrer: record.conversationId, fileIds });
    if (fileIds.length === 0) return { operations, refer };
    refer.push({ referrer: galleryReferrer(record.id), fileIds });
    return { operations: [...operations, galleryOperation(record, shown)], refer };
  }

  /** Tells the end of a job to its owner and its message to who looks at the conversation. */
  async tellEnd(ended: JobRecord, files?: readonly StoredFile[]): Promise<void> {
    const { live, uploads, message, messaging, metrics, logger, clock } = this.#options;
    metrics.ended(ended);
    const { id, kind, status, attempts, conversationId, messageId } = ended;
    const fields = { jobId: id, kind, status, attempts, ms: clock.now() - ended.createdAt, code: ended.error?.code };
    if (status === 'dead') logger.error(fields, 'a job is dead: it is not tried again');
    else logger.info(fields, 'a job ended');
    const known = await uploads.find(ended.ownerId, [...ended.input, ...ended.results]).catch(() => null);
    live.update(ended, known === null ? files : [...known.values()]);
    if (status !== 'succeeded' || conversationId === undefined || messageId === undefined) return;
    const shown = await message(messageId).catch(() => null);
    if (shown === null) return;
    messaging.publishEvent({ to: { conversation: conversationId }, frame: { type: 'message.updated', message: toMessage(shown) } });
  }

  /** An attempt that brought nothing: tried again, or the end. Never rejects. */
  async settle(record: JobRecord, reason: unknown): Promise<void> {
    if (reason instanceof AttemptEndedError) return;
    try {
      if (reason instanceof WorkerLostError) {
        // Only here: a worker that went with its server says nothing about the plugin.
        this.#options.kinds.noteOutcome(record.kind, 'worker-lost');
        await this.lost(record, reason.end);
      } else await this.#failed(record, AppError.from(reason));
    } catch (error) {
      // The row stays running: its lease ends, and whoever sweeps then takes it back.
      this.#options.logger.error({ jobId: record.id, error }, 'the end of an attempt could not be stored');
    }
  }

  /** The process that worked is gone. @returns the row as it is now; null when somebody else was first */
  async lost(record: JobRecord, end: WorkerEnd): Promise<JobRecord | null> {
    this.#options.logger.warn(
      { jobId: record.id, kind: record.kind, attempt: record.attempts, reason: end },
      'the process of a job was lost',
    );
    const crashed = end === 'crashed' || end === 'memory';
    const crashes = record.crashes + (crashed ? 1 : 0);
    const error = new AppError(crashed ? 'WORKER_CRASHED' : 'WORK_TIMED_OUT', { params: { reason: end } });
    return this.#againOrDead(record, error, crashes);
  }

  async #failed(record: JobRecord, error: AppError): Promise<void> {
    if (error.code === 'PLUGIN_FAILED') this.#options.kinds.noteOutcome(record.kind, 'plugin-failed');
    if (error.retryable) {
      this.#options.logger.warn({ jobId: record.id, attempt: record.attempts, error }, 'an attempt at a job failed');
      await this.#againOrDead(record, error, record.crashes);
      return;
    }
    const { store, live } = this.#options;
    const ended = await this.#persistently(record, () => store.end(live.current(record), 'failed', error.toShape()));
    if (ended === null) await this.#lostIt(record);
    else await this.tellEnd(ended);
  }

  async #againOrDead(record: JobRecord, error: AppError, crashes: number): Promise<JobRecord | null> {
    const { store, live, timings, clock, random } = this.#options;
    const dead = crashes >= MAX_CRASHES || record.attempts >= MAX_STARTS;
    const base = timings.backoffMs[Math.min(record.attempts, timings.backoffMs.length) - 1] ?? 0;
    const again = { retryAt: clock.now() + Math.round(random() * base), crashes };
    const now = await this.#persistently(record, () =>
      dead ? store.end(live.current(record), 'dead', error.toShape(), { crashes }) : store.requeue(live.current(record), again),
    );
    if (now === null) await this.#lostIt(record);
    else if (dead) await this.tellEnd(now);
    else live.update(now);
    return now;
  }

  /** Somebody else ended the job, or took it over: what is stored holds. */
  async #lostIt(record: JobRecord): Promise<void> {
    const { store, live } = this.#options;
    const now = await store.get(record.id).catch(() => null);
    if (now === null) live.forget(record.id);
    else live.update(now);
  }

  async #storeAll(record: JobRecord, outcome: JobOutcome): Promise<StoredFile[]> {
    const { uploads } = this.#options;
    const known = await uploads.find(record.ownerId, record.input.slice(0, 1));
    const source = [...known.values()][0]?.name?.replace(/\.[A-Za-z0-9]{1,8}$/, '');
    const name = [source, record.kind].filter((word) => word !== undefined).join(' ');
    const files: StoredFile[] = [];
    try {
      for (const picture of outcome.pictures) files.push(await uploads.storePrepared(record.ownerId, picture, name));
      return files;
    } catch (error) {
      await uploads.discard(
        record.ownerId,
        files.map(({ id }) => id),
      );
      throw error;
    }
  }

  /** The work is done: a store that is away for a while does not undo it. */
  async #persistently<T>(record: JobRecord, write: () => Promise<T>): Promise<T> {
    const { clock, timings, logger } = this.#options;
    const until = clock.now() + timings.keepTryingMs;
    for (;;) {
      try {
        return await write();
      } catch (error) {
        if (!(error instanceof StoreUnavailableError) || clock.now() >= until) throw error;
        logger.warn({ jobId: record.id, error }, 'the end of a job could not be stored yet');
        await new Promise<void>((resolve) => clock.after(timings.retryStoreMs, resolve));
      }
    }
  }
}

function galleryOperation(record: JobRecord, { files, provenance }: Parameters<typeof finishedParts>[1]): BatchOperation {
  const { id, ownerId, kind, plugin, input, conversationId, messageId, createdAt } = record;
  const document: GalleryRecord = {
    id,
    ownerId,
    files: files.map((file) => file.id),
    sources: [...input],
    kind,
    plugin,
    provenance: JSON.stringify(provenance),
    ...(conversationId === undefined ? {} : { conversationId }),
    ...(messageId === undefined ? {} : { messageId }),
    createdAt,
  };
  return { type: 'insertIfAbsent', collection: galleryCollection.name, document };
}
