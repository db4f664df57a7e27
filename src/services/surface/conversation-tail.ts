import { AppError } from '../../lib/app-error.ts';
import type { Clock } from '../../lib/clock.ts';
import type { DocumentStore } from '../../lib/document-store.ts';
import { KeyedQueue } from '../../lib/keyed-queue.ts';
import { indexWords } from '../../lib/normalise-words.ts';
import { ExpectationError } from '../../lib/store-errors.ts';
import type { Message, Part } from '../../protocol/index.ts';
import {
  audienceOf,
  type ConversationRecord,
  conversationsCollection,
  isOpenFor,
  toConversation,
} from '../conversations/conversation-record.ts';
import { type MessageRecord, messagesCollection, textOf, toMessage } from '../conversations/message-record.ts';
import type { LiveGenerations } from '../generations/live-generation.ts';
import type { MessagingService } from '../messaging/messaging-service.ts';

export interface ConversationTailOptions {
  readonly documents: DocumentStore;
  readonly live: LiveGenerations;
  readonly messaging: MessagingService;
  readonly clock: Clock;
}

export interface TailMessage {
  readonly id: string;
  readonly ownerId: string;
  readonly conversationId: string;
  readonly parts: readonly Part[];
  readonly author: Message['author'];
}

const LOOK_MS = 1000;
/** An answer may take fifteen minutes. */
const MAX_WAIT_MS = 16 * 60_000;
const MAX_TRIES = 20;

/**
 * Puts messages of plugins behind the message that a conversation shows last. While an answer is being written they wait for its end,
 * so that the branch stays one line.
 */
export class ConversationTail {
  readonly #options: ConversationTailOptions;
  readonly #queue = new KeyedQueue();
  readonly #ended = new AbortController();

  constructor(options: ConversationTailOptions) {
    this.#options = options;
  }

  /** Nothing waits for an answer any more: that of another process may take longer than this one has. */
  stop(): void {
    this.#ended.abort();
  }

  /** Stores a message, new or grown, and shows it. @throws AppError NOT_FOUND when the conversation is gone or in the trash */
  write(message: TailMessage): Promise<void> {
    return this.#queue.run(message.conversationId, () => this.#write(message));
  }

  async #write(message: TailMessage): Promise<void> {
    const { documents, messaging } = this.#options;
    const stored = await documents.get<MessageRecord>(messagesCollection.name, message.id);
    if (stored === null) return this.#append(message);
    if (stored.ownerId !== message.ownerId || stored.conversationId !== message.conversationId) throw new AppError('NOT_FOUND');
    const set = { parts: keepAsks(stored.parts, message.parts), words: indexWords(textOf(message.parts)), rev: (stored.rev ?? 0) + 1 };
    const expect = { rev: stored.rev ?? null };
    const changed = await documents.update<MessageRecord>(messagesCollection.name, message.id, { expect, set });
    // Somebody answered a question in it in this moment: read it again.
    if (changed === null) return this.#write(message);
    const frame = { type: 'message.updated' as const, message: toMessage(changed) };
    messaging.publishEvent({ to: { conversation: message.conversationId }, frame });
  }

  async #append(message: TailMessage): Promise<void> {
    const { documents, messaging, clock } = this.#options;
    for (let tries = 0; tries < MAX_TRIES; tries += 1) {
      const conversation = await this.#quiet(message);
      const now = clock.now();
      const record = recordOf(message, conversation.headId, now);
      const expect = { headId: conversation.headId, runningId: null, state: conversation.state };
      const change = { expect, set: { headId: record.id, updatedAt: now } };
      try {
        await documents.batch([
          { type: 'put', collection: messagesCollection.name, document: record },
          { type: 'update', collection: conversationsCollection.name, id: conversation.id, change },
        ]);
      } catch (error) {
        if (error instanceof ExpectationError) continue;
        throw error;
      }
      messaging.publishEvent({ to: { conversation: conversation.id }, frame: { type: 'message.created', message: toMessage(record) } });
      const changed = { ...conversation, headId: record.id, updatedAt: now };
      const frame = { type: 'conversation.updated' as const, conversation: toConversation(changed) };
      messaging.publishEvent({ to: audienceOf(changed), frame });
      return;
    }
    throw new AppError('OVERLOADED');
  }

  /** The conversation once no answer is being written in it. */
  async #quiet({ ownerId, conversationId }: TailMessage): Promise<ConversationRecord> {
    const { documents, live, clock } = this.#options;
    const until = clock.now() + MAX_WAIT_MS;
    for (;;) {
      const conversation = await documents.get<ConversationRecord>(conversationsCollection.name, conversationId);
      if (!isOpenFor(ownerId, conversation)) throw new AppError('NOT_FOUND');
      if (conversation.runningId === null) return conversation;
      if (this.#ended.signal.aborted) throw new AppError('DRAINING');
      if (clock.now() > until) throw new AppError('GENERATION_RUNNING');
      const running = live.get(conversation.runningId);
      if (running === undefined) await new Promise<void>((resolve) => clock.after(LOOK_MS, resolve));
      else await running.done;
    }
  }
}

/** What was answered meanwhile stays answered. */
function keepAsks(stored: readonly Part[], parts: readonly Part[]): Part[] {
  return parts.map((part) => {
    if (part.type !== 'ask') return part;
    return stored.find((known) => known.type === 'ask' && known.askId === part.askId) ?? part;
  });
}

function recordOf({ id, ownerId, conversationId, parts, author }: TailMessage, parentId: string | null, now: number): MessageRecord {
  return {
    id,
    ownerId,
    conversationId,
    parentId,
    role: 'assistant',
    status: 'complete',
    parts: [...parts],
    ...(author === undefined ? {} : { author: plainAuthor(author) }),
    createdAt: now,
    words: indexWords(textOf(parts)),
  };
}

function plainAuthor({ name, avatar }: NonNullable<Message['author']>): NonNullable<MessageRecord['author']> {
  return avatar === undefined ? { name } : { name, avatar };
}
