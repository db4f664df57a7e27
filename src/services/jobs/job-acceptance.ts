import { AppError } from '../../lib/app-error.ts';
import type { Clock } from '../../lib/clock.ts';
import type { DocumentStore } from '../../lib/document-store.ts';
import { KeyedQueue } from '../../lib/keyed-queue.ts';
import { newId } from '../../lib/new-id.ts';
import { indexWords } from '../../lib/normalise-words.ts';
import { StoreUnavailableError } from '../../lib/store-errors.ts';
import type { StoredFile } from '../../protocol/index.ts';
import {
  audienceOf,
  type ConversationRecord,
  type ConversationState,
  conversationsCollection,
  toConversation,
} from '../conversations/conversation-record.ts';
import { type MessageRecord, toMessage } from '../conversations/message-record.ts';
import type { MessagingService } from '../messaging/messaging-service.ts';
import { type AdmittedJob, hashOfRequest, type JobAdmission, type JobRequest } from './job-admission.ts';
import { acceptedOperations, finishedParts, jobMessage } from './job-message.ts';
import type { JobUploads } from './job-ports.ts';
import { provenanceOf } from './job-provenance.ts';
import { type JobRecord, jobReferrer, nextVersion } from './job-record.ts';
import type { JobResults, KnownResult } from './job-results.ts';
import type { JobFollowUps, JobStore } from './job-store.ts';

export interface AcceptedJob {
  readonly record: JobRecord;
  readonly files: readonly StoredFile[];
  /** It was accepted before. */
  readonly duplicate: boolean;
}

export interface JobAcceptanceOptions {
  readonly documents: DocumentStore;
  readonly store: JobStore;
  readonly admission: JobAdmission;
  readonly results: JobResults;
  readonly uploads: JobUploads;
  readonly messaging: Pick<MessagingService, 'publishEvent'>;
  readonly clock: Clock;
  /** @throws AppError OVERLOADED */
  readonly assertRoom: () => void;
}

/** The durable beginning of a job: the row first (J1), with the message that shows it; equal work that was done before ends at once. */
export class JobAcceptance {
  readonly #options: JobAcceptanceOptions;
  /** Two jobs of one conversation stand one behind the other, not side by side. */
  readonly #conversations = new KeyedQueue();

  constructor(options: JobAcceptanceOptions) {
    this.#options = options;
  }

  /** @param draining the server ends: only what was accepted before is answered */
  async accept(ownerId: string, request: JobRequest, draining: boolean): Promise<AcceptedJob> {
    const known = await this.#known(ownerId, request);
    if (known !== null) return known;
    if (draining) throw new AppError('DRAINING', { retryAfter: 5 });
    this.#options.assertRoom();
    const work = () => this.#admit(ownerId, request);
    return request.conversationId === undefined ? work() : this.#conversations.run(request.conversationId, work);
  }

  async #known(ownerId: string, request: JobRequest): Promise<AcceptedJob | null> {
    const record = await this.#options.store.byKey(`${ownerId}:${request.clientJobId}`);
    if (record === null) return null;
    if (record.bodyHash !== hashOfRequest(request)) throw new AppError('ID_REUSED');
    await this.#options.store.followUp(record);
    return { record, files: [], duplicate: true };
  }

  async #admit(ownerId: string, request: JobRequest): Promise<AcceptedJob> {
    const { admission, results, uploads } = this.#options;
    const admitted = await admission.admit(ownerId, request);
    const before = await results.find(ownerId, admitted.workKey);
    const plan = this.#plan(ownerId, request, admitted, before);
    const record = await this.#store(plan);
    if (record === null) {
      await uploads.release(ownerId, jobReferrer(plan.record.id));
      const known = await this.#known(ownerId, request);
      if (known === null) throw new AppError('INTERNAL');
      return known;
    }
    if (plan.message !== null) await this.#announce(plan.message);
    return { record, files: [...admitted.files, ...(before?.files ?? [])], duplicate: false };
  }

  async #store({ record, operations, repeatable, refer }: AcceptancePlan): Promise<JobRecord | null> {
    const { uploads, store } = this.#options;
    try {
      // Before the row is stored: a file that is referred to and never used is harmless, a swept one would be a hole.
      for (const { referrer, fileIds } of refer) await uploads.refer(record.ownerId, fileIds, referrer);
      return await store.accept(record, operations, repeatable);
    } catch (error) {
      // A store that did not answer may have taken it.
      if (!(error instanceof StoreUnavailableError)) await uploads.release(record.ownerId, jobReferrer(record.id));
      throw error;
    }
  }

  #plan(ownerId: string, request: JobRequest, admitted: AdmittedJob, before: KnownResult | null): AcceptancePlan {
    const now = this.#options.clock.now();
    const { conversation, parentId } = admitted;
    const id = newId();
    const empty = conversation === null ? null : jobMessage(conversation, id, parentId, now);
    const waiting = newRecord(ownerId, request, { admitted, id, now, message: empty });
    const inputs = { referrer: jobReferrer(id), fileIds: request.input };
    const state = conversation?.state;
    if (before === null) return planFrom(waiting, empty, { refer: [inputs], state });
    const { files, text, facts, provider, seconds } = before;
    const provenance = {
      ...provenanceOf(waiting, { facts, seconds, ...(provider === undefined ? {} : { provider }) }, admitted.kind),
      cached: true,
    };
    const shown = { files, provenance, text };
    const message = empty === null ? null : { ...empty, parts: finishedParts(id, shown), words: indexWords(text ?? '') };
    const referrers = [jobReferrer(id), ...(conversation === null ? [] : [conversation.id])];
    const fileIds = files.map((file) => file.id);
    // The gallery shows the pictures already, under the job that made them.
    const refer = [inputs, ...referrers.map((referrer) => ({ referrer, fileIds }))];
    return planFrom(endedRecord(waiting, before, now), message, { refer, state });
  }

  async #announce(message: MessageRecord): Promise<void> {
    const { documents, messaging } = this.#options;
    const to = { conversation: message.conversationId };
    messaging.publishEvent({ to, frame: { type: 'message.created', message: toMessage(message) } });
    const conversation = await documents.get<ConversationRecord>(conversationsCollection.name, message.conversationId).catch(() => null);
    if (conversation === null) return;
    messaging.publishEvent({
      to: audienceOf(conversation),
      frame: { type: 'conversation.updated', conversation: toConversation(conversation) },
    });
  }
}

interface AcceptancePlan extends JobFollowUps {
  readonly record: JobRecord;
  readonly message: MessageRecord | null;
  readonly repeatable: JobFollowUps['operations'];
}

function planFrom(
  record: JobRecord,
  message: MessageRecord | null,
  { refer, state }: { readonly refer: JobFollowUps['refer']; readonly state: ConversationState | undefined },
): AcceptancePlan {
  const shown = (repeated: boolean) => (message === null ? [] : acceptedOperations(message, repeated, state));
  return { record, message, refer, operations: shown(false), repeatable: shown(true) };
}

interface NewJob {
  readonly admitted: AdmittedJob;
  readonly id: string;
  readonly now: number;
  readonly message: MessageRecord | null;
}

function newRecord(ownerId: string, request: JobRequest, { admitted, id, now, message }: NewJob): JobRecord {
  const { kind, task, workKey, conversation } = admitted;
  return {
    id,
    ownerId,
    clientJobId: request.clientJobId,
    dedupeKey: `${ownerId}:${request.clientJobId}`,
    bodyHash: hashOfRequest(request),
    workKey,
    kind: kind.kind,
    plugin: kind.plugin,
    pluginVersion: kind.pluginVersion,
    level: task.level,
    params: JSON.stringify(task.params),
    input: request.input,
    pictures: task.pictures.map(({ width, height }) => ({ width, height })),
    status: 'queued',
    open: true,
    version: 1,
    createdAt: now,
    queuedAt: now,
    ...(conversation === null ? {} : { conversationId: conversation.id }),
    ...(message === null ? {} : { messageId: message.id }),
    attempts: 0,
    crashes: 0,
    attemptToken: null,
    leaseOwner: null,
    leaseUntil: null,
    progress: null,
    results: [],
  };
}

/** Nothing has to run: the same was done before. */
function endedRecord(record: JobRecord, { files, facts, text, data, provider, seconds }: KnownResult, now: number): JobRecord {
  return {
    ...record,
    status: 'succeeded',
    open: false,
    cached: true,
    version: nextVersion(record, record.version, now),
    endedAt: now,
    progress: 100,
    results: files.map((file) => file.id),
    facts: JSON.stringify(facts),
    seconds,
    ...(text === undefined ? {} : { text }),
    ...(data === undefined ? {} : { data }),
    ...(provider === undefined ? {} : { provider }),
  };
}
