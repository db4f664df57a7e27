import { AppError } from '../../lib/app-error.ts';
import type { Clock } from '../../lib/clock.ts';
import type { DocumentStore, FindQuery, FoundPage } from '../../lib/document-store.ts';
import { KeyedQueue } from '../../lib/keyed-queue.ts';
import { indexWords, normaliseWords } from '../../lib/normalise-words.ts';
import type { Conversation, FoundConversation, Level, Message, Page } from '../../protocol/index.ts';
import type { Generations } from '../generations/generations.ts';
import type { LiveGenerations } from '../generations/live-generation.ts';
import { assertOwnFolder } from '../library/folder-record.ts';
import type { MessagingService } from '../messaging/messaging-service.ts';
import { type ConversationPatch, changeOf } from './conversation-change.ts';
import { audienceOf, type ConversationRecord, conversationsCollection, isOpen, isOpenFor, toConversation } from './conversation-record.ts';
import type { ConversationRemoval } from './conversation-removal.ts';
import { searchConversations } from './conversation-search.ts';
import { charactersOf, type MessageRecord, messagesCollection, toMessage } from './message-record.ts';
import { newConversation } from './new-conversation.ts';

export interface ConversationsOptions {
  readonly documents: DocumentStore;
  readonly messaging: MessagingService;
  readonly generations: Pick<Generations, 'stopIn'>;
  readonly removal: Pick<ConversationRemoval, 'remove'>;
  readonly jobs: { cancelIn(userId: string, conversationId: string): Promise<void> };
  readonly live: LiveGenerations;
  readonly clock: Clock;
  /** Who else is told that one began without a message, or went to the trash; they hold nothing up. */
  readonly hooks?: { created(record: ConversationRecord): void; removed(record: ConversationRecord): void } | undefined;
}

export interface ConversationListQuery {
  readonly cursor?: string | undefined;
  readonly q?: string | undefined;
  /** Default: those of the side bar, pinned ones and those in folders among them. */
  readonly view?: 'live' | 'pinned' | 'archived' | undefined;
  readonly folder?: string | undefined;
  readonly limit?: number | undefined;
}

const DEFAULT_PAGE = 30;
const DEFAULT_MESSAGES = 50;
/** A page of messages ends early behind this many characters: two hundred imported ones of a mebibyte would end the process. */
const PAGE_CHARACTERS = 1024 * 1024;
/** Messages that are read at once, at first and afterwards, for the same reason. */
const FIRST_STEP = 10;
const STEP = 20;
const MOST_PINS = 100;
/** Of a change that another one came before. */
const MOST_TRIES = 5;

/** A person's conversations: lists, search, names, branches shown, deletion that can be undone. */
export class Conversations {
  readonly #options: ConversationsOptions;
  /** What reads many messages comes one after the other for each person: each may hold megabytes while it is read. */
  readonly #reads = new KeyedQueue();
  /** Pins are counted before one more is set: two at once would be one too many. */
  readonly #changes = new KeyedQueue();

  constructor(options: ConversationsOptions) {
    this.#options = options;
  }

  /** Newest change first; with `q` those whose title or messages hold all its words. */
  async list(userId: string, query: ConversationListQuery): Promise<Page<FoundConversation>> {
    const limit = query.limit ?? DEFAULT_PAGE;
    const words = normaliseWords(query.q ?? '').slice(0, 16);
    if (query.q !== undefined && query.q.trim() !== '')
      return words.length === 0
        ? emptyPage
        : this.#reads.run(userId, () => searchConversations(this.#options.documents, userId, words, { ...query, limit }));
    if (query.folder !== undefined) await assertOwnFolder(this.#options.documents, userId, query.folder);
    const page = await this.#options.documents.find<ConversationRecord>(conversationsCollection.name, {
      ...listOf(userId, query),
      order: 'desc',
      limit,
      ...(query.cursor === undefined ? {} : { cursor: query.cursor }),
    });
    return { items: page.items.map(toConversation), nextCursor: page.nextCursor };
  }

  async create(
    userId: string,
    body: {
      readonly title?: string | undefined;
      readonly model?: string | undefined;
      readonly level?: Level | undefined;
      readonly profile?: string | undefined;
      readonly temporary?: boolean | undefined;
      readonly folderId?: string | undefined;
    },
  ): Promise<Conversation> {
    const { title = '', model, level, profile, temporary, folderId } = body;
    const { documents, clock } = this.#options;
    if (folderId !== undefined) await assertOwnFolder(documents, userId, folderId, temporary);
    const settings = { ...(model === undefined ? {} : { model }), ...(level === undefined ? {} : { level }) };
    const titledBy = title === '' ? 'automatic' : 'person';
    const chosen = { settings, profile, temporary, folderId };
    const record = newConversation({ ownerId: userId, title, titledBy, now: clock.now(), ...chosen });
    await documents.insert(conversationsCollection.name, record);
    const created = this.#publish('conversation.created', record);
    this.#options.hooks?.created(record);
    return created;
  }

  async get(userId: string, id: string): Promise<Conversation> {
    return toConversation(await this.record(userId, id));
  }

  /** Tells the person's clients what it is now. */
  async announce(userId: string, id: string): Promise<void> {
    this.#publish('conversation.updated', await this.record(userId, id));
  }

  /** @throws AppError NOT_FOUND for an unknown, a deleted and somebody else's conversation alike */
  async record(userId: string, id: string): Promise<ConversationRecord> {
    const record = await this.#options.documents.get<ConversationRecord>(conversationsCollection.name, id);
    if (!isOpenFor(userId, record)) throw new AppError('NOT_FOUND');
    return record;
  }

  patch(userId: string, id: string, body: ConversationPatch): Promise<Conversation> {
    return this.#asItIs(userId, id, async (record) => {
      const { documents } = this.#options;
      if (body.headId !== undefined) await this.#messageIn(record, body.headId);
      if (typeof body.folderId === 'string') await assertOwnFolder(documents, userId, body.folderId);
      const change = changeOf(record, body);
      const write = () => documents.update<ConversationRecord>(conversationsCollection.name, id, change);
      const pins = body.pinned === true && record.pinned !== true;
      const changed = await (pins ? this.#changes.run(userId, () => this.#checkPins(userId).then(write)) : write());
      return changed === null ? null : this.#publish('conversation.updated', changed);
    });
  }

  /** Takes it out of every list; for 30 days `restore` brings it back. What runs in it is stopped. A temporary one is gone for good. */
  async remove(userId: string, id: string): Promise<void> {
    const { generations, jobs, removal, messaging } = this.#options;
    const removed = await this.#asItIs(userId, id, async (record) => {
      if (record.state === 'temporary') return (await removal.remove(record)) ? record : null;
      await generations.stopIn(userId, id);
      await jobs.cancelIn(userId, id);
      return (await this.#intoTrash(record)) ? record : null;
    });
    if (removed.state !== 'temporary') {
      // What was asked for meanwhile; from now on nothing is.
      await generations.stopIn(userId, id);
      await jobs.cancelIn(userId, id);
    }
    messaging.publishEvent({ to: { user: userId }, frame: { type: 'conversation.deleted', conversationId: id } });
    this.#options.hooks?.removed(removed);
  }

  async #intoTrash({ id, state }: ConversationRecord): Promise<boolean> {
    const { documents, clock } = this.#options;
    // The trash is not searched; `restore` finds the words in the title again.
    const set = { state: 'deleted', deletedAt: clock.now(), words: [] };
    return (await documents.update(conversationsCollection.name, id, { expect: { state }, set, unset: ['pinned'] })) !== null;
  }

  /**
   * Changes it as it is now. It may go to the archive or come back from there in the moment between reading and writing: then once more.
   * @param change null: it was another one by then
   * @throws AppError NOT_FOUND
   */
  async #asItIs<T>(userId: string, id: string, change: (record: ConversationRecord) => Promise<T | null>): Promise<T> {
    for (let tried = 0; tried < MOST_TRIES; tried += 1) {
      const changed = await change(await this.record(userId, id));
      if (changed !== null) return changed;
    }
    throw new AppError('NOT_FOUND');
  }

  async restore(userId: string, id: string): Promise<Conversation> {
    const { documents } = this.#options;
    const record = await documents.get<ConversationRecord>(conversationsCollection.name, id);
    if (record === null || record.ownerId !== userId) throw new AppError('NOT_FOUND');
    if (isOpen(record)) return toConversation(record);
    if (record.state !== 'deleted') throw new AppError('NOT_FOUND');
    const change = { expect: { state: 'deleted' }, set: { state: 'live', deletedAt: null, words: indexWords(record.title) } };
    const restored = await documents.update<ConversationRecord>(conversationsCollection.name, id, change);
    if (restored === null) throw new AppError('NOT_FOUND');
    return this.#publish('conversation.created', restored);
  }

  /** Messages of all branches, newest first, fewer where they are long; an answer that is being written is shown as far as it is. */
  async messages(
    userId: string,
    id: string,
    query: { readonly before?: string | undefined; readonly limit?: number | undefined },
  ): Promise<Page<Message>> {
    const record = await this.record(userId, id);
    return this.#reads.run(userId, () => this.#pageOf(record, query.before ?? null, query.limit ?? DEFAULT_MESSAGES));
  }

  async #pageOf(record: ConversationRecord, before: string | null, limit: number): Promise<Page<Message>> {
    const items: Message[] = [];
    let left = PAGE_CHARACTERS;
    let next = before;
    let step = FIRST_STEP;
    do {
      const wanted = Math.min(step, limit - items.length);
      let page = await this.#messagesOf(record, next, wanted);
      const fitting = countWithin(page.items, left);
      // Too long for this page: the cursor has to stand behind the last one that is shown.
      if (fitting < page.items.length) page = await this.#messagesOf(record, next, fitting);
      for (const message of page.items) {
        items.push(this.#shown(message));
        left -= charactersOf(message.parts);
      }
      next = page.nextCursor;
      step = STEP;
    } while (next !== null && items.length < limit && left > 0);
    return { items, nextCursor: next };
  }

  #messagesOf({ id, ownerId }: ConversationRecord, cursor: string | null, limit: number): Promise<FoundPage<MessageRecord>> {
    const where = { ownerId, conversationId: id };
    const from = cursor === null ? {} : { cursor };
    return this.#options.documents.find(messagesCollection.name, { index: 'byConversation', where, order: 'desc', limit, ...from });
  }

  async setFeedback(
    userId: string,
    messageId: string,
    feedback: { readonly value: 1 | -1; readonly comment?: string | undefined },
  ): Promise<Message> {
    const { documents, messaging } = this.#options;
    const message = await documents.get<MessageRecord>(messagesCollection.name, messageId);
    if (message === null || message.ownerId !== userId || message.role !== 'assistant') throw new AppError('NOT_FOUND');
    await this.record(userId, message.conversationId);
    const { value, comment } = feedback;
    const set = { feedback: { value, ...(comment === undefined || comment === '' ? {} : { comment }) } };
    const changed = await documents.update<MessageRecord>(messagesCollection.name, messageId, { set });
    if (changed === null) throw new AppError('NOT_FOUND');
    const shown = this.#shown(changed);
    messaging.publishEvent({ to: { conversation: changed.conversationId }, frame: { type: 'message.updated', message: shown } });
    return shown;
  }

  /** A running answer lives in memory first: the stored text is up to three seconds old. */
  #shown(message: MessageRecord): Message {
    const live = message.status === 'streaming' ? this.#options.live.inConversation(message.conversationId) : undefined;
    return toMessage(live !== undefined && live.answer.id === message.id ? { ...message, parts: live.log.parts() } : message);
  }

  async #messageIn(conversation: ConversationRecord, messageId: string): Promise<void> {
    const message = await this.#options.documents.get<MessageRecord>(messagesCollection.name, messageId);
    if (message === null || message.ownerId !== conversation.ownerId || message.conversationId !== conversation.id)
      throw new AppError('NOT_FOUND');
  }

  #publish(type: 'conversation.created' | 'conversation.updated', record: ConversationRecord): Conversation {
    const conversation = toConversation(record);
    this.#options.messaging.publishEvent({ to: audienceOf(record), frame: { type, conversation } });
    return conversation;
  }

  async #checkPins(ownerId: string): Promise<void> {
    const query = { index: 'byPin', where: { ownerId, pinned: true, state: 'live' }, limit: MOST_PINS };
    if ((await this.#options.documents.count(conversationsCollection.name, query)) < MOST_PINS) return;
    throw new AppError('BAD_REQUEST', {
      message: `At most ${MOST_PINS} conversations can be pinned. Unpin one first.`,
      params: { reason: 'too_many', limit: MOST_PINS },
    });
  }
}

/** The index that holds a list in its order, and its place there. */
function listOf(ownerId: string, { view = 'live', folder }: ConversationListQuery): Pick<FindQuery, 'index' | 'where'> {
  const state = view === 'archived' ? 'archived' : 'live';
  // A pin takes a conversation out of the archive, so there is no list of both.
  if (view === 'pinned') return { index: 'byPin', where: { ownerId, pinned: true, state } };
  if (folder !== undefined) return { index: 'byFolder', where: { ownerId, folderId: folder, state } };
  return { index: 'byOwner', where: { ownerId, state } };
}

/** How many of the messages, at least one, have no more characters than that together; the one that goes beyond counts. */
function countWithin(messages: readonly MessageRecord[], most: number): number {
  let left = most;
  const beyond = messages.findIndex(({ parts }) => {
    left -= charactersOf(parts);
    return left <= 0;
  });
  return beyond === -1 ? messages.length : beyond + 1;
}

const emptyPage: Page<FoundConversation> = { items: [], nextCursor: null };
