import { createHash } from 'node:crypto';
import { AppError } from '../../lib/app-error.ts';
import type { BatchOperation, DocumentStore } from '../../lib/document-store.ts';
import { ExpectationError, StoreUnavailableError, UniqueViolationError } from '../../lib/store-errors.ts';
import { type ConversationRecord, conversationsCollection } from '../conversations/conversation-record.ts';
import { type MessageRecord, messagesCollection } from '../conversations/message-record.ts';
import { type GenerationRecord, generationsCollection } from './generation-record.ts';

/** What one accepted request brings into being: written in one batch, the generation row first. */
export interface AcceptedWrite {
  readonly generation: GenerationRecord;
  /** Operations that belong to it; each can be repeated without harm. */
  readonly operations: readonly BatchOperation[];
}

export interface StoredAcceptance {
  readonly generation: GenerationRecord;
  readonly conversation: ConversationRecord;
  readonly message: MessageRecord;
  readonly answer: MessageRecord;
}

/** The durable beginning of every answer: one write that is the acceptance, found again by its client id. */
export class Acceptance {
  readonly #documents: DocumentStore;

  constructor(documents: DocumentStore) {
    this.#documents = documents;
  }

  /**
   * Writes the generation and what belongs to it.
   * @returns null when the same client id was accepted before: look it up with `find`
   * @throws AppError GENERATION_RUNNING when another answer is being written in the conversation, NOT_FOUND when it was removed for good
   */
  async write(accepted: AcceptedWrite): Promise<GenerationRecord | null> {
    const { generation, operations } = accepted;
    const isWhole = this.#documents.batchIsAtomic;
    const row: GenerationRecord = isWhole ? generation : { ...generation, pending: JSON.stringify(operations) };
    try {
      const first: BatchOperation = { type: 'insert', collection: generationsCollection.name, document: row };
      await this.#documents.batch([first, ...operations, ...(isWhole ? [] : [appliedTo(generation.id)])]);
      return generation;
    } catch (error) {
      if (error instanceof ExpectationError && (await this.#withdrawn(accepted))) throw new AppError('NOT_FOUND', { cause: error });
      // Another continuation of the same answer came and ended since this one was planned.
      if (error instanceof ExpectationError && (isWhole || (await this.#overtaken(generation))))
        throw new AppError('GENERATION_RUNNING', { cause: error });
      if (!(error instanceof UniqueViolationError)) return this.#repaired(row, error);
      // Which of two violated indexes is named depends on the store: the client id decides.
      if ((await this.#byKey(generation.dedupeKey)) !== null) return null;
      throw new AppError('GENERATION_RUNNING', { cause: error });
    }
  }

  /** The earlier acceptance of the same client id, with its messages as they are now; null when there is none. */
  async find(dedupeKey: string): Promise<StoredAcceptance | null> {
    const generation = await this.#byKey(dedupeKey);
    return generation === null ? null : this.load(generation);
  }

  /** @throws AppError NOT_FOUND when the conversation or a message was deleted since */
  async load(generation: GenerationRecord): Promise<StoredAcceptance> {
    await this.repair(generation);
    const ids = [generation.userMessageId ?? generation.messageId, generation.messageId];
    const [conversation, messages] = await Promise.all([
      this.#documents.get<ConversationRecord>(conversationsCollection.name, generation.conversationId),
      this.#documents.getMany<MessageRecord>(messagesCollection.name, [...new Set(ids)]),
    ]);
    const message = messages.find((known) => known.id === ids[0]);
    const answer = messages.find((known) => known.id === ids[1]);
    if (conversation === null || message === undefined || answer === undefined) throw new AppError('NOT_FOUND');
    return { generation, conversation, message, answer };
  }

  /** What is being written in a conversation, by whichever process. */
  async runningIn(conversationId: string): Promise<GenerationRecord | null> {
    const query = { index: 'running', where: { runningKey: conversationId }, limit: 1 };
    return (await this.#documents.find<GenerationRecord>(generationsCollection.name, query)).items[0] ?? null;
  }

  /** Makes sure that nobody else has taken the generation, and owns it for `leaseMs` from now. */
  async renew(generation: GenerationRecord, leaseMs: number): Promise<boolean> {
    const { leaseOwner, leaseUntil } = generation;
    const set = { leaseUntil: (await this.#documents.now()) + leaseMs };
    const change = { expect: { status: 'running', leaseOwner, leaseUntil }, set };
    return (await this.#documents.update(generationsCollection.name, generation.id, change)) !== null;
  }

  /** Applies what a crash between acceptance and its messages left undone (MongoDB); nothing to do otherwise. */
  async repair(generation: GenerationRecord): Promise<void> {
    if (generation.pending === undefined) return;
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- written by `write` above: our own text
    const operations = JSON.parse(generation.pending) as readonly BatchOperation[];
    for (const operation of operations) await this.#applied(operation);
    const change = { unset: ['pending'] };
    const now = await this.#documents.update<GenerationRecord>(generationsCollection.name, generation.id, change);
    if (now === null || now.status === 'running') return;
    // The answer has ended in the meantime: the conversation must not say again that it is being written.
    const idle = { expect: { runningId: generation.id }, set: { runningId: null } };
    await this.#documents.update(conversationsCollection.name, generation.conversationId, idle);
  }

  /** Each can be repeated; what no longer meets its expectation was applied before. */
  async #applied(operation: BatchOperation): Promise<void> {
    try {
      await this.#documents.batch([operation]);
    } catch (error) {
      if (!(error instanceof ExpectationError)) throw error;
    }
  }

  /** Takes back what a batch wrote for a conversation that is gone (MongoDB); nothing to do otherwise. @returns whether it is gone */
  async #withdrawn({ generation, operations }: AcceptedWrite): Promise<boolean> {
    if ((await this.#documents.get(conversationsCollection.name, generation.conversationId)) !== null) return false;
    for (const operation of operations)
      if (operation.type === 'insertIfAbsent') await this.#documents.delete(operation.collection, operation.document.id);
    await this.#documents.delete(generationsCollection.name, generation.id);
    return true;
  }

  /** Takes back a continuation whose answer is no longer as it was planned from (MongoDB). @returns whether it is one */
  async #overtaken({ id, messageId }: GenerationRecord): Promise<boolean> {
    const answer = await this.#documents.get<MessageRecord>(messagesCollection.name, messageId);
    if (answer?.generationId === id) return false;
    await this.#documents.delete(generationsCollection.name, id);
    return true;
  }

  /** A batch that failed after its first operation is accepted all the same (MongoDB): finish it, or say that it is not. */
  async #repaired(row: GenerationRecord, error: unknown): Promise<GenerationRecord> {
    // Asking a store that just did not answer would double the wait: the retry of the same request finds what was written.
    if (error instanceof StoreUnavailableError) throw error;
    const stored = await this.#documents.get<GenerationRecord>(generationsCollection.name, row.id).catch(() => null);
    if (stored === null) throw error;
    await this.repair(stored);
    return row;
  }

  async #byKey(dedupeKey: string): Promise<GenerationRecord | null> {
    const found = await this.#documents.find<GenerationRecord>(generationsCollection.name, {
      index: 'dedupe',
      where: { dedupeKey },
      limit: 1,
    });
    return found.items[0] ?? null;
  }
}

/** What belongs to the row was written: nobody has to finish it. */
function appliedTo(id: string): BatchOperation {
  return { type: 'update', collection: generationsCollection.name, id, change: { unset: ['pending'] } };
}

export function dedupeKeyOf(ownerId: string, clientMessageId: string): string {
  return `${ownerId}:${clientMessageId}`;
}

/** A digest of everything that makes two requests the same one. */
export function bodyHashOf(body: Readonly<Record<string, unknown>>): string {
  return createHash('sha256').update(JSON.stringify(body)).digest('hex');
}
