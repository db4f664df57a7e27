import { AppError } from '../../lib/app-error.ts';
import type { Clock } from '../../lib/clock.ts';
import type { DocumentStore, FoundPage } from '../../lib/document-store.ts';
import { KeyedQueue } from '../../lib/keyed-queue.ts';
import { normaliseWords } from '../../lib/normalise-words.ts';
import type { Conversation, FoundConversation, Level, Message, Page, Settings } from '../../protocol/index.ts';
import type { Generations } from '../generations/generations.ts';
import type { LiveGenerations } from '../generations/live-generation.ts';
import { assertOwnFolder } from '../library/folder-record.ts';
import type { MessagingService } from '../messaging/messaging-service.ts';
import { type ConversationRecord, conversationsCollection, isOpenFor, toConversation } from './conversation-record.ts';
import { searchConversations } from './conversation-search.ts';
import { charactersOf, type MessageRecord, messagesCollection, toMessage } from './message-record.ts';
import { newConversation } from './new-conversation.ts';

export interface ConversationsOptions {
  readonly documents: DocumentStore;
  readonly messaging: MessagingService;
  readonly generations: Pick<Generations, 'stopIn'>;
  readonly jobs: { cancelIn(userId: string, conversationId: string): Promise<void> };
  readonly live: LiveGenerations;
  readonly clock: Clock;
}

export interface ConversationPatch {
  readonly title?: string | undefined;
  readonly headId?: string | undefined;
  readonly model?: string | null | undefined;
  readonly level?: Level | null | undefined;
}

const DEFAULT_PAGE = 30;
const DEFAULT_MESSAGES = 50;
/** A page of messages ends early behind this many characters: two hundred imported ones of a mebibyte would end the process. */
const PAGE_CHARACTERS = 1024 * 1024;
/** Messages that are read at once, at first and afterwards, for the same reason. */
const FIRST_STEP = 10;
const STEP = 20;

/** A person's conversations: lists, search, names, branches shown, deletion that can be undone. */
export class Conversations {
  readonly #options: ConversationsOptions;
  /** What reads many messages comes one after the other for each person: each may hold megabytes while it is read. */
  readonly #reads = new KeyedQueue();

  constructor(options: ConversationsOptions) {
    this.#options = options;
  }

  /** Newest change first; with `q` those whose title or messages hold all its words. */
  async list(
    userId: string,
    query: { readonly cursor?: string | undefined; readonly q?: string | undefined; readonly limit?: number | undefined },
  ): Promise<Page<FoundConversation>> {
    const limit = query.limit ?? DEFAULT_PAGE;
    const words = normaliseWords(query.q ?? '').slice(0, 16);
    if (query.q !== undefined && query.q.trim() !== '')
      return words.length === 0
        ? emptyPage
        : this.#reads.run(userId, () => searchConversations(this.#options.documents, userId, words, { ...query, limit }));
    const page = await this.#options.documents.find<ConversationRecord>(conversationsCollection.name, {
      index: 'byOwner',
      where: { ownerId: userId, state: 'live' },
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
    return this.#publish('conversation.created', record);
  }

  async get(userId: string, id: string): Promise<Conversation> {
    return toConversation(await this.record(userId, id));
  }

  /** @throws AppError NOT_FOUND for an unknown, a deleted and somebody else's conversation alike */
  async record(userId: string, id: string): Promise<ConversationRecord> {
    const record = await this.#options.documents.get<ConversationRecord>(conversationsCollection.name, id);
    if (!isOpenFor(userId, record)) throw new AppError('NOT_FOUND');
    return record;
  }

  async patch(userId: string, id: string, body: ConversationPatch): Promise<Conversation> {
    const record = await this.record(userId, id);
    if (body.headId !== undefined) await this.#messageIn(record, body.headId);
    const settings: Settings = { ...record.settings };
    if (body.model !== undefined) settings.model = body.model;
    if (body.level !== undefined) settings.level = body.level;
    // A new title must not write back settings that were changed meanwhile.
    const chosen = body.model === undefined && body.level === undefined ? {} : { settings };
    const named = body.title === undefined ? {} : { title: body.title, titledBy: 'person', words: normaliseWords(body.title) };
    const set = { ...named, ...(body.headId === undefined ? {} : { headId: body.headId }), ...chosen };
    const changed = await this.#options.documents.update<ConversationRecord>(conversationsCollection.name, id, {
      expect: { state: 'live' },
      set,
    });
    if (changed === null) throw new AppError('NOT_FOUND');
    return this.#publish('conversation.updated', changed);
  }

  /** Takes it out of every list; for 30 days `restore` brings it back. What runs in it is stopped. */
  async remove(userId: string, id: string): Promise<void> {
    await this.record(userId, id);
    await this.#options.generations.stopIn(userId, id);
    await this.#options.jobs.cancelIn(userId, id);
    const change = { expect: { state: 'live' }, set: { state: 'deleted', deletedAt: this.#options.clock.now() } };
    const deleted = await this.#options.documents.update<ConversationRecord>(conversationsCollection.name, id, change);
    if (deleted === null) throw new AppError('NOT_FOUND');
    // What was asked for meanwhile; from now on nothing is.
    await this.#options.jobs.cancelIn(userId, id);
    this.#options.messaging.publishEvent({ to: { user: userId }, frame: { type: 'conversation.deleted', conversationId: id } });
  }

  async restore(userId: string, id: string): Promise<Conversation> {
    const record = await this.#options.documents.get<ConversationRecord>(conversationsCollection.name, id);
    if (record === null || record.ownerId !== userId) throw new AppError('NOT_FOUND');
    if (record.state === 'live') return toConversation(record);
    const change = { expect: { state: 'deleted' }, set: { state: 'live', deletedAt: null } };
    const restored = await this.#options.documents.update<ConversationRecord>(conversationsCollection.name, id, change);
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
    this.#options.messaging.publishEvent({ to: { user: record.ownerId }, frame: { type, conversation } });
    return conversation;
  }
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
