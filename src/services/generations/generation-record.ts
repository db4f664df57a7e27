import type { CollectionSpec } from '../../lib/document-store.ts';
import type { FinalStatus, Part } from '../../protocol/index.ts';

/** What one answer took. Tokens and millionths of a US dollar; `outputTokens` with thoughts; `at` in epoch milliseconds. */
export type Charge = {
  readonly at: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly costMicroUsd: number;
};

/**
 * One run of a model. Inserting this row is the acceptance of a message: on MongoDB it is one write that carries, in
 * `pending`, what else belongs to it; on SQLite all of it is one transaction, and `pending` is never there.
 */
export type GenerationRecord = {
  readonly id: string;
  readonly ownerId: string;
  readonly conversationId: string;
  /** The user's message it answers; null for a continued answer. */
  readonly userMessageId: string | null;
  /** The answer that it writes. */
  readonly messageId: string;
  /** owner + clientMessageId: the same send twice is one generation. */
  readonly dedupeKey: string;
  /** SHA-256 of what was sent: the same id with another body is refused. */
  readonly bodyHash: string;
  /** The conversation while it runs, absent afterwards: a unique index keeps it to one answer a conversation. */
  readonly runningKey?: string;
  readonly status: 'running' | FinalStatus;
  readonly model: string;
  readonly level: 'quick' | 'normal' | 'deep';
  readonly epoch: string;
  /** The process that writes it, and until when it may (database clock, epoch milliseconds). */
  readonly leaseOwner: string;
  readonly leaseUntil: number;
  /** Set by another process of the same database; the owner sees it within a second. */
  readonly stopRequested?: boolean;
  /** Batch operations (JSON) still to be applied after the acceptance; each can be repeated. Absent once applied. */
  readonly pending?: string;
  readonly startedAt: number;
  readonly finishedAt?: number;
  /** What its owner is charged with, since it ended. */
  readonly charge?: Charge;
  /** It has ended and is not (wholly) counted yet. */
  readonly uncounted?: true;
};

export const generationsCollection: CollectionSpec = {
  name: 'generations',
  indexes: [
    { name: 'dedupe', fields: ['dedupeKey'], unique: true },
    { name: 'running', fields: ['runningKey'], unique: true, sparse: 'runningKey' },
    { name: 'byOwner', fields: ['ownerId', 'status', 'id'] },
    { name: 'byLease', fields: ['status', 'leaseUntil'] },
    { name: 'byConversation', fields: ['ownerId', 'conversationId', 'id'] },
    { name: 'byUncounted', fields: ['uncounted', 'finishedAt'], sparse: 'uncounted' },
  ],
};

/** A stretch of events as stored: several tokens of one kind joined, or one part. Covers seq-count+1 .. seq. */
export type GenerationEventRecord = {
  readonly id: string;
  readonly generationId: string;
  readonly seq: number;
  readonly count: number;
  readonly kind: 'text' | 'thought' | 'part';
  readonly text?: string;
  /** Where each event of the stretch ends in `text`, in UTF-16 units: a reader may resume between any two. */
  readonly ends?: readonly number[];
  readonly part?: Part;
  readonly expiresAt: number;
};

export const generationEventsCollection: CollectionSpec = {
  name: 'generationEvents',
  indexes: [
    { name: 'byGeneration', fields: ['generationId', 'seq'], unique: true },
    { name: 'byExpiry', fields: ['expiresAt'] },
  ],
};
