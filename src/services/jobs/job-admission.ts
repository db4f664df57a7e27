import { contentKey } from '../../core/index.ts';
import { AppError } from '../../lib/app-error.ts';
import type { DocumentStore } from '../../lib/document-store.ts';
import type { JobCreateBody, StoredFile } from '../../protocol/index.ts';
import { type ConversationRecord, conversationsCollection, isOpenFor } from '../conversations/conversation-record.ts';
import { type MessageRecord, messagesCollection } from '../conversations/message-record.ts';
import type { JobEstimate, JobKind, JobKinds, JobTask } from '../ports/job-kinds.ts';
import type { JobDays } from './job-days.ts';
import { assertFits, type JobCapacity } from './job-fit.ts';
import type { JobUploads } from './job-ports.ts';
import type { JobStore } from './job-store.ts';

/** What a person asks for. `parentId`: the message behind which the result stands; omitted: the conversation's head. */
export type JobRequest = JobCreateBody & { readonly parentId?: string };

export interface JobAdmissionOptions {
  readonly documents: DocumentStore;
  readonly store: JobStore;
  readonly uploads: JobUploads;
  readonly kinds: Pick<JobKinds, 'find'>;
  readonly days: JobDays;
  readonly capacity: JobCapacity;
  /** Of open jobs, in all and of one person; 0: any number. */
  readonly limits: { readonly jobs: number; readonly jobsPerUser: number };
  /** Seconds until a place of this person (null: of anybody) in the queue is free, as far as anybody knows. */
  readonly secondsToPlace: (ownerId: string | null) => number;
  /** Expected seconds of all that the person has open. */
  readonly openSeconds: (ownerId: string) => number;
}

/** Everything that a job is made of, allowed. */
export interface AdmittedJob {
  readonly kind: JobKind;
  readonly task: JobTask;
  readonly estimate: JobEstimate;
  readonly files: readonly StoredFile[];
  readonly workKey: string;
  readonly conversation: ConversationRecord | null;
  readonly parentId: string | null;
}

/** Everything that can refuse a job, before anything is written. */
export class JobAdmission {
  readonly #options: JobAdmissionOptions;

  constructor(options: JobAdmissionOptions) {
    this.#options = options;
  }

  /**
   * @throws AppError BAD_REQUEST, NOT_FOUND, PLUGIN_DISABLED, PLUGIN_FAILED, MODEL_MISSING, JOB_TOO_LARGE, QUEUE_FULL and RATE_LIMITED, both
   * with the time to wait
   */
  async admit(ownerId: string, request: JobRequest): Promise<AdmittedJob> {
    const kind = this.#options.kinds.find(request.kind);
    if (kind === null)
      throw new AppError('BAD_REQUEST', { message: 'This server has no such work. See /plugins.', params: { field: 'kind' } });
    const params = kind.parseParams(request.params);
    checkSize(params);
    const described = await Promise.all(request.input.map((id) => this.#options.uploads.describe(ownerId, id, 'original')));
    checkInput(kind, described.length);
    const files = described.map(({ file }) => file);
    const pictures = files.map(({ width = 1, height = 1 }) => ({ width, height }));
    const level = kind.levelFor(request.level, { params, pictures });
    const task = { params, level, pictures };
    kind.assertReady(task);
    const estimate = kind.estimate(task);
    assertFits(kind, task, estimate, this.#options.capacity);
    const place = await this.#place(ownerId, request);
    await this.#checkQueue(ownerId);
    await this.#options.days.check(ownerId, this.#options.openSeconds(ownerId) + estimate.seconds);
    const hashes = described.map(({ sha256 }) => sha256);
    // The models too: a processor may choose among those that are there.
    const made = [kind.kind, kind.pluginVersion, kind.configured?.() ?? null];
    const workKey = contentKey(ownerId, made, level, params, estimate.models, hashes);
    return { kind, task, estimate, files, workKey, ...place };
  }

  async #place(ownerId: string, { conversationId, parentId }: JobRequest): Promise<Pick<AdmittedJob, 'conversation' | 'parentId'>> {
    const { documents } = this.#options;
    if (conversationId === undefined) return { conversation: null, parentId: null };
    const conversation = await documents.get<ConversationRecord>(conversationsCollection.name, conversationId);
    if (!isOpenFor(ownerId, conversation)) throw new AppError('NOT_FOUND');
    if (parentId === undefined) return { conversation, parentId: conversation.headId };
    const parent = await documents.get<MessageRecord>(messagesCollection.name, parentId);
    if (parent === null || parent.ownerId !== ownerId || parent.conversationId !== conversationId) throw new AppError('NOT_FOUND');
    return { conversation, parentId };
  }

  async #checkQueue(ownerId: string): Promise<void> {
    const { store, limits, secondsToPlace } = this.#options;
    const ownFull = await store.reaches(limits.jobsPerUser, 'byOwnerOpen', { ownerId, open: true });
    if (!ownFull && !(await store.reaches(limits.jobs, 'byOpen', { open: true }))) return;
    throw new AppError('QUEUE_FULL', { retryAfter: Math.max(1, Math.ceil(secondsToPlace(ownFull ? ownerId : null))) });
  }
}

/** A digest of everything that makes two requests the same one. */
export function hashOfRequest(request: JobRequest): string {
  const { kind, input, params, level, conversationId = null, parentId = null } = request;
  return contentKey(kind, input, params, level, conversationId, parentId);
}

/** They are part of every telling of the job, and 50 waiting jobs are named in one frame of at most 1 MiB. */
const MOST_PARAMS_BYTES = 16 * 1024;

function checkSize(params: JobTask['params']): void {
  if (Buffer.byteLength(JSON.stringify(params)) <= MOST_PARAMS_BYTES) return;
  throw new AppError('BAD_REQUEST', {
    message: 'The parameters of a job may take 16 KiB.',
    params: { field: 'params', max: MOST_PARAMS_BYTES },
  });
}

function checkInput(kind: JobKind, count: number): void {
  const { minPictures, maxPictures } = kind.input;
  if (count >= minPictures && count <= maxPictures) return;
  const wanted = minPictures === maxPictures ? String(minPictures) : `${minPictures} to ${maxPictures}`;
  throw new AppError('BAD_REQUEST', {
    message: `This works on ${wanted} picture(s), and ${count} came.`,
    params: { field: 'input', min: minPictures, max: maxPictures, count },
  });
}
