import type { CollectionSpec } from '../../lib/document-store.ts';
import type { ErrorShape, Job, JobStatus } from '../../protocol/index.ts';

/**
 * A job as stored: inserting this row is the acceptance. Times are epoch milliseconds; those of leases by the database's clock.
 * `params`, `data` and `facts` are JSON texts, because a plugin's keys may hold what the store forbids.
 */
export type JobRecord = {
  readonly id: string;
  readonly ownerId: string;
  readonly clientJobId: string;
  /** owner + clientJobId: the same request twice is one job. */
  readonly dedupeKey: string;
  /** SHA-256 of what was asked: the same id with other content is refused. */
  readonly bodyHash: string;
  /** SHA-256 of what is worked on and how: equal work of one person has equal results. */
  readonly workKey: string;
  readonly kind: string;
  readonly plugin: string;
  readonly pluginVersion: string;
  readonly level: Job['level'];
  readonly params: string;
  readonly input: readonly string[];
  readonly pictures: readonly { readonly width: number; readonly height: number }[];
  readonly status: JobStatus;
  /** Not final: `queued` or `running`. */
  readonly open: boolean;
  readonly version: number;
  readonly createdAt: number;
  /** Since when it waits, this time. */
  readonly queuedAt: number;
  /** Not before then, after a failed attempt. */
  readonly retryAt?: number | null;
  readonly conversationId?: string;
  readonly messageId?: string;
  /** Starts so far, without those that a graceful stop took back. */
  readonly attempts: number;
  /** Of those: how often the process that worked ended in the middle. */
  readonly crashes: number;
  /** Names the attempt: only who holds it may commit. Null while nobody works. */
  readonly attemptToken: string | null;
  readonly leaseOwner: string | null;
  readonly leaseUntil: number | null;
  readonly progress: number | null;
  readonly note?: Job['note'];
  readonly startedAt?: number;
  readonly endedAt?: number;
  readonly results: readonly string[];
  readonly text?: string;
  readonly data?: string;
  readonly facts?: string;
  readonly provider?: string;
  readonly seconds?: number;
  readonly cached?: true;
  readonly error?: ErrorShape;
  /** What belongs to the last change of state and is not done yet (see `JobFollowUps`), and since when. */
  readonly pending?: string;
  readonly pendingSince?: number;
};

export const jobsCollection: CollectionSpec = {
  name: 'jobs',
  indexes: [
    { name: 'dedupe', fields: ['dedupeKey'], unique: true },
    { name: 'byOwner', fields: ['ownerId', 'id'] },
    { name: 'byOwnerOpen', fields: ['ownerId', 'open', 'id'] },
    { name: 'byOpen', fields: ['open', 'id'] },
    { name: 'byQueue', fields: ['status', 'queuedAt'] },
    { name: 'byLease', fields: ['status', 'leaseUntil'] },
    { name: 'byEnd', fields: ['status', 'endedAt'] },
    { name: 'byConversation', fields: ['ownerId', 'conversationId', 'id'] },
    { name: 'byPending', fields: ['pendingSince'] },
  ],
};

/** The pictures of one job, for as long as the person keeps them. `id` is the job's. */
export type GalleryRecord = {
  readonly id: string;
  readonly ownerId: string;
  readonly files: readonly string[];
  readonly sources: readonly string[];
  readonly kind: string;
  readonly plugin: string;
  /** JSON. */
  readonly provenance: string;
  readonly conversationId?: string;
  readonly messageId?: string;
  readonly createdAt: number;
};

export const galleryCollection: CollectionSpec = { name: 'gallery', indexes: [{ name: 'byOwner', fields: ['ownerId', 'id'] }] };

/** Seconds of work of one person on one day (UTC): `<owner>.<YYYY-MM-DD>`. */
export type JobDayRecord = { readonly id: string; readonly day: string; readonly seconds: number };

export const jobDaysCollection: CollectionSpec = { name: 'jobDays', indexes: [{ name: 'byDay', fields: ['day'] }] };

/** All that the jobs need of the store. */
export const jobCollections: readonly CollectionSpec[] = [jobsCollection, galleryCollection, jobDaysCollection];

export const finalStatuses = ['succeeded', 'failed', 'cancelled', 'dead'] as const satisfies readonly JobStatus[];

/** Files are kept while somebody refers to them: a job, and the gallery, each under a name of its own. */
export const jobReferrer = (jobId: string): string => `job:${jobId}`;
export const galleryReferrer = (jobId: string): string => `gallery:${jobId}`;

const VERSION_MS = 50;

/**
 * The next version of a job. It runs with the time since acceptance, faster than anything is published (a few a second), so that
 * a process that takes a job over is always ahead of what the dead one told people and did not store.
 */
export function nextVersion(record: Pick<JobRecord, 'createdAt'>, last: number, now: number): number {
  return Math.max(last + 1, Math.floor((now - record.createdAt) / VERSION_MS));
}
