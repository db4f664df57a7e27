import { AppError } from '../../lib/app-error.ts';
import { type Clock, isoTime } from '../../lib/clock.ts';
import type { DocumentStore } from '../../lib/document-store.ts';
import { KeyedQueue } from '../../lib/keyed-queue.ts';
import { type Draft, draftLimits } from '../../protocol/index.ts';
import { type ConversationRecord, conversationsCollection, isOpenFor } from '../conversations/conversation-record.ts';
import { type DraftRecord, draftIdOf, draftsCollection, toDraft } from './draft-record.ts';

export interface DraftsOptions {
  readonly documents: DocumentStore;
  readonly clock: Clock;
  /** Bytes of UTF-8 in one text; 0: no limit. */
  readonly textBytes: number;
  /** A command may hold a password: its text is never kept. */
  readonly isCommand: (text: string) => boolean;
}

/** What people typed and did not send, so that it waits for them on every device. The last write wins, by this server's order. */
export class Drafts {
  readonly #options: DraftsOptions;
  /** A write reads before it writes: two of a person at once would lose one, or keep one too many. */
  readonly #writes = new KeyedQueue();

  constructor(options: DraftsOptions) {
    this.#options = options;
  }

  /** Newest first, at most as many and as long as one `welcome` carries. */
  async list(userId: string): Promise<Draft[]> {
    const query = { index: 'byOwner', where: { ownerId: userId }, order: 'desc' as const, limit: draftLimits.count };
    const { items } = await this.#options.documents.find<DraftRecord>(draftsCollection.name, query);
    const drafts: Draft[] = [];
    let bytes = 0;
    for (const record of items) {
      bytes += Buffer.byteLength(record.text);
      if (bytes > draftLimits.welcomeBytes) break;
      drafts.push(toDraft(record));
    }
    return drafts;
  }

  /**
   * Keeps a text; an empty one removes what was kept.
   * @throws AppError TOO_LARGE, BAD_REQUEST for a command, NOT_FOUND for a conversation that is not this person's
   */
  update(userId: string, conversationId: string | null, text: string): Promise<Draft> {
    return this.#writes.run(userId, () => this.#update(userId, conversationId, text));
  }

  async #update(userId: string, conversationId: string | null, text: string): Promise<Draft> {
    const { documents, clock } = this.#options;
    this.#check(text);
    if (conversationId !== null) await this.#checkConversation(userId, conversationId);
    const id = draftIdOf(userId, conversationId);
    const before = await documents.get<DraftRecord>(draftsCollection.name, id);
    // Grows with each write even within a millisecond: clients tell versions apart by it.
    const updatedAt = Math.max(clock.now(), (before?.updatedAt ?? 0) + 1);
    if (text === '') {
      if (before !== null) await documents.delete(draftsCollection.name, id);
      return { conversationId, text, updatedAt: isoTime(updatedAt) };
    }
    const record: DraftRecord = { id, ownerId: userId, conversationId, text, updatedAt };
    await documents.put(draftsCollection.name, record);
    if (before === null) await this.#dropOldest(userId);
    return toDraft(record);
  }

  #check(text: string): void {
    const { textBytes, isCommand } = this.#options;
    const bytes = Buffer.byteLength(text);
    if (textBytes > 0 && bytes > textBytes) throw new AppError('TOO_LARGE', { params: { limit: textBytes, bytes } });
    if (isCommand(text)) throw new AppError('BAD_REQUEST', { message: 'A command is not kept as a draft.', params: { reason: 'command' } });
  }

  async #checkConversation(userId: string, conversationId: string): Promise<void> {
    const record = await this.#options.documents.get<ConversationRecord>(conversationsCollection.name, conversationId);
    if (!isOpenFor(userId, record)) throw new AppError('NOT_FOUND');
  }

  async #dropOldest(userId: string): Promise<void> {
    const { documents } = this.#options;
    const own = { index: 'byOwner', where: { ownerId: userId } };
    const over = (await documents.count(draftsCollection.name, { ...own, limit: draftLimits.count + 1 })) - draftLimits.count;
    if (over <= 0) return;
    const oldest = await documents.find<DraftRecord>(draftsCollection.name, { ...own, order: 'asc', limit: over });
    for (const { id } of oldest.items) await documents.delete(draftsCollection.name, id);
  }
}
