import { AppError } from '../../lib/app-error.ts';
import type { Clock } from '../../lib/clock.ts';
import type { DocumentStore } from '../../lib/document-store.ts';
import { KeyedQueue } from '../../lib/keyed-queue.ts';
import type { Favourite, Message, Page } from '../../protocol/index.ts';
import { type ConversationRecord, conversationsCollection, isOpen, isOpenFor } from '../conversations/conversation-record.ts';
import { type MessageRecord, messagesCollection, textOf, toMessage } from '../conversations/message-record.ts';
import type { MessagingService } from '../messaging/messaging-service.ts';
import { type FavouriteRecord, favouritesCollection, favouriteText, toFavourite } from './favourite-record.ts';
import { tooMany } from './library-limits.ts';

export interface FavouritesOptions {
  readonly documents: DocumentStore;
  readonly messaging: Pick<MessagingService, 'publishEvent'>;
  readonly clock: Clock;
}

const MOST = 500;
const DEFAULT_PAGE = 50;

/** Messages that a person keeps at hand, with their text as it was then. */
export class Favourites {
  readonly #options: FavouritesOptions;
  /** They are counted before one more is written. */
  readonly #changes = new KeyedQueue();

  constructor(options: FavouritesOptions) {
    this.#options = options;
  }

  /** Last marked first; those of conversations in the trash are left out until these are restored. */
  async list(
    userId: string,
    query: { readonly cursor?: string | undefined; readonly limit?: number | undefined },
  ): Promise<Page<Favourite>> {
    const { documents } = this.#options;
    const page = await documents.find<FavouriteRecord>(favouritesCollection.name, {
      index: 'byOwner',
      where: { ownerId: userId },
      order: 'desc',
      limit: query.limit ?? DEFAULT_PAGE,
      ...(query.cursor === undefined ? {} : { cursor: query.cursor }),
    });
    const ids = [...new Set(page.items.map(({ conversationId }) => conversationId))];
    const places = await documents.getMany<ConversationRecord>(conversationsCollection.name, ids);
    const open = new Set(places.filter(isOpen).map(({ id }) => id));
    const items = page.items.filter(({ conversationId }) => open.has(conversationId)).map(toFavourite);
    return { items, nextCursor: page.nextCursor };
  }

  /**
   * Repeating it changes nothing.
   * @throws AppError NOT_FOUND, GENERATION_RUNNING for an answer that is being written, BAD_REQUEST for one without text, in a
   * temporary conversation, or beyond the limit
   */
  add(userId: string, messageId: string): Promise<Message> {
    return this.#changes.run(userId, async () => {
      const message = await this.#message(userId, messageId);
      if (message.favourite === true) return toMessage(message);
      await this.#checkPlace(userId, message.conversationId);
      if (message.status === 'streaming') throw new AppError('GENERATION_RUNNING');
      const text = favouriteText(textOf(message.parts));
      if (text === '') throw new AppError('BAD_REQUEST', { message: 'There is no text to keep.', params: { reason: 'empty' } });
      await this.#write({ id: messageId, ownerId: userId, conversationId: message.conversationId, text });
      return this.#mark(message, { set: { favourite: true } });
    });
  }

  /** Repeating it changes nothing. @throws AppError NOT_FOUND */
  remove(userId: string, messageId: string): Promise<Message> {
    return this.#changes.run(userId, async () => {
      const message = await this.#message(userId, messageId);
      await this.#options.documents.delete(favouritesCollection.name, messageId, { ownerId: userId });
      return message.favourite === true ? this.#mark(message, { unset: ['favourite'] }) : toMessage(message);
    });
  }

  async #write(favourite: Omit<FavouriteRecord, 'createdAt'>): Promise<void> {
    const { documents, clock } = this.#options;
    const { ownerId } = favourite;
    const count = await documents.count(favouritesCollection.name, { index: 'byOwner', where: { ownerId }, limit: MOST });
    if (count >= MOST) throw tooMany(MOST);
    const document: FavouriteRecord = { ...favourite, createdAt: clock.now() };
    await documents.batch([{ type: 'insertIfAbsent', collection: favouritesCollection.name, document }]);
  }

  async #mark(message: MessageRecord, change: { set: { favourite: true } } | { unset: string[] }): Promise<Message> {
    const { documents, messaging } = this.#options;
    const changed = await documents.update<MessageRecord>(messagesCollection.name, message.id, change);
    if (changed === null) throw new AppError('NOT_FOUND');
    const shown = toMessage(changed);
    messaging.publishEvent({ to: { conversation: changed.conversationId }, frame: { type: 'message.updated', message: shown } });
    messaging.publishEvent({ to: { user: changed.ownerId }, frame: { type: 'library.updated', what: 'favourites' } });
    return shown;
  }

  async #message(userId: string, id: string): Promise<MessageRecord> {
    const message = await this.#options.documents.get<MessageRecord>(messagesCollection.name, id);
    if (message === null || message.ownerId !== userId) throw new AppError('NOT_FOUND');
    return message;
  }

  async #checkPlace(userId: string, conversationId: string): Promise<void> {
    const conversation = await this.#options.documents.get<ConversationRecord>(conversationsCollection.name, conversationId);
    if (!isOpenFor(userId, conversation)) throw new AppError('NOT_FOUND');
    if (conversation.state !== 'temporary') return;
    throw new AppError('BAD_REQUEST', { message: 'Nothing of a temporary chat is kept.', params: { reason: 'temporary' } });
  }
}
