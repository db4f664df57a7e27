import { createHash } from 'node:crypto';
import { AppError } from '../../lib/app-error.ts';
import type { Clock } from '../../lib/clock.ts';
import type { DocumentStore } from '../../lib/document-store.ts';
import type { Logger } from '../../lib/logger.ts';
import { StoreUnavailableError } from '../../lib/store-errors.ts';
import type { ServerFrame } from '../../protocol/index.ts';
import { type ConversationRecord, conversationsCollection, isOpenFor } from '../conversations/conversation-record.ts';
import { type MessageRecord, messagesCollection, textOf, toMessage } from '../conversations/message-record.ts';
import { Acceptance } from './acceptance.ts';
import { GenerationLog } from './generation-log.ts';
import {
  type GenerationEventRecord,
  type GenerationRecord,
  generationEventsCollection,
  generationsCollection,
} from './generation-record.ts';
import { runFromRecord } from './generation-writer.ts';
import type { LiveGenerations } from './live-generation.ts';

export interface AttachRequest {
  readonly generationId: string;
  readonly epoch?: string | undefined;
  readonly afterSeq: number;
}

/** Frames to send first, and the log to follow from `afterSeq`, if the answer is still being written or kept in memory. */
export interface Attachment {
  readonly frames: readonly ServerFrame[];
  readonly follow: { readonly log: GenerationLog; readonly afterSeq: number } | null;
}

const POLL_MS = 250;
const PAGE = 500;

/** Lets a reader in at any point of an answer: every event after its last one, or a snapshot. Never a part of a replay. */
export class GenerationAttachment {
  readonly #documents: DocumentStore;
  readonly #acceptance: Acceptance;
  readonly #live: LiveGenerations;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #remote = new Map<string, GenerationLog>();
  #closed = false;

  constructor(options: {
    readonly documents: DocumentStore;
    readonly live: LiveGenerations;
    readonly clock: Clock;
    readonly logger: Logger;
  }) {
    this.#documents = options.documents;
    this.#acceptance = new Acceptance(options.documents);
    this.#live = options.live;
    this.#clock = options.clock;
    this.#logger = options.logger;
  }

  /** @throws AppError NOT_FOUND for an unknown generation, for somebody else's, and for one of a deleted conversation alike */
  async attach(userId: string, request: AttachRequest): Promise<Attachment> {
    const local = this.#live.logFor(userId, request.generationId);
    if (local !== null) {
      if (local.finished !== null) await this.#assertOpen(userId, local.ids.conversationId);
      return fromLog(local, request);
    }
    const record = await this.#documents.get<GenerationRecord>(generationsCollection.name, request.generationId);
    if (record === null || record.ownerId !== userId) throw new AppError('NOT_FOUND');
    await this.#acceptance.repair(record);
    await this.#assertOpen(userId, record.conversationId);
    if (record.status !== 'running') return this.#ended(record);
    return fromLog(await this.#follow(record), request);
  }

  /** The log of an answer that is being written anywhere; null when it has ended. */
  async logOf(userId: string, generationId: string): Promise<GenerationLog | null> {
    const local = this.#live.logFor(userId, generationId);
    if (local !== null) return local;
    const record = await this.#documents.get<GenerationRecord>(generationsCollection.name, generationId);
    return record === null || record.ownerId !== userId || record.status !== 'running' ? null : this.#follow(record);
  }

  close(): void {
    this.#closed = true;
  }

  /** What was deleted is told to nobody any more. While the store is away nothing can be deleted, and memory still answers. */
  async #assertOpen(userId: string, conversationId: string): Promise<void> {
    const found = this.#documents.get<ConversationRecord>(conversationsCollection.name, conversationId);
    const conversation = await found.catch((error: unknown) => {
      if (error instanceof StoreUnavailableError) return undefined;
      throw error;
    });
    if (conversation !== undefined && !isOpenFor(userId, conversation)) throw new AppError('NOT_FOUND');
  }

  /** An answer that another process of the same database writes: its stored events are followed. */
  async #follow(record: GenerationRecord): Promise<GenerationLog> {
    const known = this.#remote.get(record.id);
    if (known !== undefined) return known;
    const { id: generationId, conversationId, messageId, epoch } = record;
    const message = await this.#documents.get<MessageRecord>(messagesCollection.name, messageId);
    if (message === null) throw new AppError('NOT_FOUND');
    const meanwhile = this.#remote.get(record.id);
    if (meanwhile !== undefined) return meanwhile;
    const log = new GenerationLog({ generationId, conversationId, messageId, epoch }, toMessage(message), {
      baseSeq: message.seq ?? 0,
    });
    this.#remote.set(generationId, log);
    const step = async (): Promise<void> => {
      if (this.#closed) return;
      try {
        if (!(await this.#pull(log))) return this.#schedule(step);
      } catch (error) {
        this.#logger.warn({ generationId, error }, 'an answer of another process could not be followed');
        if (!this.#closed) return this.#schedule(step);
      }
      this.#remote.delete(generationId);
    };
    await step();
    return log;
  }

  #schedule(step: () => Promise<void>): void {
    if (!this.#closed) this.#clock.after(POLL_MS, () => void step());
  }

  /** Reads what is new. @returns whether the generation has ended */
  async #pull(log: GenerationLog): Promise<boolean> {
    const { generationId, messageId } = log.ids;
    // Read before its events: when it has ended, all of them are stored.
    const record = await this.#documents.get<GenerationRecord>(generationsCollection.name, generationId);
    await this.#pullEvents(log);
    if (record !== null && record.status === 'running') return false;
    const message = await this.#documents.get<MessageRecord>(messagesCollection.name, messageId);
    if (message === null || message.status === 'streaming') return message === null;
    log.finish({ status: message.status, textSha256: sha256(message), message: toMessage(message) });
    return true;
  }

  async #pullEvents(log: GenerationLog): Promise<void> {
    for (let whole = false; !whole; ) {
      const before = log.seq;
      const page = await this.#documents.find<GenerationEventRecord>(generationEventsCollection.name, {
        index: 'byGeneration',
        where: { generationId: log.ids.generationId },
        range: { after: before },
        limit: PAGE,
      });
      for (const event of page.items) {
        const run = runFromRecord(event);
        if (run !== null) log.appendStored(trimmed(run, log.seq));
      }
      whole = page.nextCursor === null || log.seq === before;
    }
  }

  /** The whole message in place of what was missed, and the end after it. */
  async #ended(record: GenerationRecord): Promise<Attachment> {
    const message = await this.#documents.get<MessageRecord>(messagesCollection.name, record.messageId);
    if (message === null) throw new AppError('NOT_FOUND');
    const { id: generationId, conversationId, messageId, epoch } = record;
    const ids = { generationId, conversationId, messageId, epoch };
    const seq = (message.seq ?? 0) + 1;
    const shown = toMessage(message);
    const status = message.status === 'streaming' ? 'interrupted' : message.status;
    const finished = { type: 'generation.finished' as const, ...ids, seq, count: 1, status, textSha256: sha256(message), message: shown };
    return { frames: [{ type: 'generation.snapshot', ...ids, seq: seq - 1, message: shown }, finished], follow: null };
  }
}

/** A replay when the reader's place is in this log, else a snapshot and what follows it. */
function fromLog(log: GenerationLog, request: AttachRequest): Attachment {
  const sameLog = request.epoch === undefined || request.epoch === log.ids.epoch;
  if (sameLog && request.afterSeq >= log.baseSeq && request.afterSeq <= log.seq)
    return { frames: [], follow: { log, afterSeq: request.afterSeq } };
  const snapshot = log.snapshot();
  return { frames: [snapshot], follow: { log, afterSeq: snapshot.seq } };
}

function sha256(message: MessageRecord): string {
  return createHash('sha256').update(textOf(message.parts)).digest('hex');
}

/** A stretch that was stored again, longer: only what is new of it. */
function trimmed(run: NonNullable<ReturnType<typeof runFromRecord>>, seq: number): typeof run {
  if (run.kind === 'part' || run.from > seq) return run;
  const skip = seq - run.from + 1;
  const start = run.ends[skip - 1] ?? 0;
  return { kind: run.kind, from: seq + 1, text: run.text.slice(start), ends: run.ends.slice(skip).map((end) => end - start) };
}
