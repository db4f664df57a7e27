import type { Clock } from '../../lib/clock.ts';
import type { DocumentStore } from '../../lib/document-store.ts';
import type { Logger } from '../../lib/logger.ts';
import { draftIdOf, draftsCollection } from '../drafts/draft-record.ts';
import { generationsCollection } from '../generations/generation-record.ts';
import { favouritesCollection } from '../library/favourite-record.ts';
import { type ConversationRecord, type ConversationState, conversationsCollection } from './conversation-record.ts';
import { messagesCollection } from './message-record.ts';

/** Ends what something else keeps for a conversation that is removed. Repeating it changes nothing. */
export type ReleaseConversation = (ownerId: string, conversationId: string) => Promise<void>;

export interface ConversationRemovalOptions {
  readonly documents: DocumentStore;
  /** Ends what runs in it. */
  readonly stop: ReleaseConversation;
  readonly releases: readonly ReleaseConversation[];
  readonly clock: Clock;
  readonly logger: Logger;
}

/** One in the trash can be brought back for this long. */
export const keepDeletedMs = 30 * 24 * 3600_000;
/** A temporary one goes this long after its last change. */
const keepTemporaryMs = 24 * 3600_000;
/** A copy that is not whole by then never will be. */
const keepHiddenMs = 3600_000;
const BATCH = 500;
const SWEEP = 50;
const MAX_PAGES = 20;

/**
 * Removes conversations for good, with all that belongs to them. A conversation is hidden first, so that nobody meets half of
 * it: what a crash leaves is found by the next sweep.
 */
export class ConversationRemoval {
  readonly #options: ConversationRemovalOptions;
  readonly #releases: ReleaseConversation[];

  constructor(options: ConversationRemovalOptions) {
    this.#options = options;
    this.#releases = [...options.releases];
  }

  /** For parts of the server that keep something for conversations too. */
  alsoRelease(release: ReleaseConversation): void {
    this.#releases.push(release);
  }

  /** Takes it out of everybody's sight if it still is as it was read. @returns whether it was */
  async hide({ id, state }: ConversationRecord): Promise<boolean> {
    const set = { state: 'hidden', deletedAt: this.#options.clock.now(), words: [] };
    return (await this.#options.documents.update(conversationsCollection.name, id, { expect: { state }, set })) !== null;
  }

  /** Removes a hidden one: what belongs to it first, itself last. */
  async purge({ id, ownerId }: Pick<ConversationRecord, 'id' | 'ownerId'>): Promise<void> {
    const { documents } = this.#options;
    await this.#options.stop(ownerId, id);
    await this.#deleteRows(ownerId, id);
    for (const release of this.#releases) await release(ownerId, id);
    await documents.delete(draftsCollection.name, draftIdOf(ownerId, id));
    await documents.delete(conversationsCollection.name, id, { state: 'hidden' });
    // What was accepted in the moment before it was hidden came after the first pass.
    await this.#deleteRows(ownerId, id);
  }

  /** Hides and removes. @returns false when it was changed or removed meanwhile */
  async remove(record: ConversationRecord): Promise<boolean> {
    if (!(await this.hide(record))) return false;
    await this.purge(record);
    return true;
  }

  /** Removes what has had its time. @returns how many */
  async sweep(): Promise<number> {
    const now = this.#options.clock.now();
    const deleted = await this.#each('deleted', now - keepDeletedMs, (record) => this.remove(record));
    const hidden = await this.#each('hidden', now - keepHiddenMs, async (record) => {
      await this.purge(record);
      return true;
    });
    const temporary = await this.#each('temporary', now - keepTemporaryMs, (record) => this.#endTemporary(record));
    return deleted + hidden + temporary;
  }

  /** One that was used since is looked at again a day after that: `deletedAt` says when it was in use. */
  async #endTemporary(record: ConversationRecord): Promise<boolean> {
    const { documents, clock } = this.#options;
    const { id, updatedAt } = record;
    if (updatedAt <= clock.now() - keepTemporaryMs) return this.remove(record);
    await documents.update(conversationsCollection.name, id, { expect: { state: 'temporary' }, set: { deletedAt: updatedAt } });
    return false;
  }

  /** So many at most that a sweep comes to its end. One that cannot be removed keeps none behind it alive. @returns how many were removed */
  async #each(state: ConversationState, before: number, remove: (record: ConversationRecord) => Promise<boolean>): Promise<number> {
    const { documents, logger } = this.#options;
    const query = { index: 'byDeletion', where: { state }, range: { before, after: 0 } };
    const failed = new Set<string>();
    let removed = 0;
    for (let page = 0; page < MAX_PAGES; page += 1) {
      const limit = SWEEP + failed.size;
      const { items } = await documents.find<ConversationRecord>(conversationsCollection.name, { ...query, limit });
      for (const record of items.filter(({ id }) => !failed.has(id))) {
        try {
          if (await remove(record)) removed += 1;
        } catch (error) {
          failed.add(record.id);
          logger.warn({ error, conversationId: record.id }, 'a conversation could not be removed; the next sweep tries again');
        }
      }
      if (items.length < limit) break;
    }
    return removed;
  }

  async #deleteRows(ownerId: string, conversationId: string): Promise<void> {
    for (const collection of [messagesCollection.name, generationsCollection.name, favouritesCollection.name]) {
      const owned = { index: 'byConversation', where: { ownerId, conversationId }, limit: BATCH };
      while ((await this.#options.documents.deleteMany(collection, owned)) === BATCH);
    }
  }
}
