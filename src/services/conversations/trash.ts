import { AppError } from '../../lib/app-error.ts';
import { type Clock, isoTime } from '../../lib/clock.ts';
import type { DocumentStore } from '../../lib/document-store.ts';
import type { Logger } from '../../lib/logger.ts';
import type { Page, Trashed } from '../../protocol/index.ts';
import { type ConversationRecord, conversationsCollection, toConversation } from './conversation-record.ts';
import { type ConversationRemoval, keepDeletedMs } from './conversation-removal.ts';

export interface TrashOptions {
  readonly documents: DocumentStore;
  readonly removal: Pick<ConversationRemoval, 'hide' | 'purge' | 'remove'>;
  readonly clock: Clock;
  readonly logger: Logger;
}

const DEFAULT_PAGE = 30;
const BATCH = 100;
/** Hidden before the first of them is removed. */
const AT_ONCE = 500;
/** The person waits so long at most, in ms. */
const MAX_WAIT_MS = 5000;

/** What a person deleted, until it is gone for good. */
export class Trash {
  readonly #options: TrashOptions;

  constructor(options: TrashOptions) {
    this.#options = options;
  }

  /** Last deleted first. */
  async list(userId: string, query: { readonly cursor?: string | undefined; readonly limit?: number | undefined }): Promise<Page<Trashed>> {
    const page = await this.#options.documents.find<ConversationRecord>(conversationsCollection.name, {
      index: 'byOwnerDeletion',
      where: { ownerId: userId, state: 'deleted' },
      order: 'desc',
      limit: query.limit ?? DEFAULT_PAGE,
      ...(query.cursor === undefined ? {} : { cursor: query.cursor }),
    });
    return { items: page.items.map(toTrashed), nextCursor: page.nextCursor };
  }

  /** Gone for good. @throws AppError NOT_FOUND for what is not in this person's trash */
  async remove(userId: string, id: string): Promise<void> {
    const { documents, removal } = this.#options;
    const record = await documents.get<ConversationRecord>(conversationsCollection.name, id);
    if (record === null || record.ownerId !== userId || record.state !== 'deleted' || !(await removal.remove(record)))
      throw new AppError('NOT_FOUND');
  }

  /** Everything that is in it now. What takes long goes on in the background; what a restart cuts off there, the sweeper ends. */
  async empty(userId: string): Promise<void> {
    const begunAt = this.#options.clock.now();
    let hidden = await this.#hide(userId, begunAt, AT_ONCE);
    while (hidden.length > 0) {
      const [next, ...rest] = hidden;
      // Nobody sees any of these any more: only the space is still to be given back.
      if (this.#options.clock.now() - begunAt > MAX_WAIT_MS) return this.#inBackground(userId, begunAt, hidden);
      if (next !== undefined) await this.#options.removal.purge(next);
      hidden = rest.length > 0 ? rest : await this.#hide(userId, begunAt, AT_ONCE);
    }
  }

  /** @returns those that were hidden: nobody sees them any more */
  async #hide(ownerId: string, until: number, most: number): Promise<ConversationRecord[]> {
    const { documents, removal } = this.#options;
    const hidden: ConversationRecord[] = [];
    const query = { index: 'byOwnerDeletion', where: { ownerId, state: 'deleted' }, range: { to: until }, limit: BATCH };
    while (hidden.length < most) {
      const { items } = await documents.find<ConversationRecord>(conversationsCollection.name, query);
      if (items.length === 0) break;
      const done = await Promise.all(items.map((record) => removal.hide(record)));
      hidden.push(...items.filter((_, at) => done[at]));
    }
    return hidden;
  }

  #inBackground(userId: string, until: number, hidden: readonly ConversationRecord[]): void {
    const work = async () => {
      for (let left = hidden; left.length > 0; left = await this.#hide(userId, until, AT_ONCE))
        for (const record of left) await this.#options.removal.purge(record);
    };
    work().catch((error: unknown) => this.#options.logger.warn({ error }, 'emptying a trash was cut off; the sweeper goes on'));
  }
}

function toTrashed(record: ConversationRecord): Trashed {
  const deletedAt = record.deletedAt ?? record.updatedAt;
  return { ...toConversation(record), deletedAt: isoTime(deletedAt), goneAt: isoTime(deletedAt + keepDeletedMs) };
}
