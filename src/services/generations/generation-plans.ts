import { AppError } from '../../lib/app-error.ts';
import type { DocumentStore } from '../../lib/document-store.ts';
import { newId } from '../../lib/new-id.ts';
import { indexWords } from '../../lib/normalise-words.ts';
import type { Level, Part, User } from '../../protocol/index.ts';
import { type ConversationRecord, conversationsCollection, isOpenFor, modePairs } from '../conversations/conversation-record.ts';
import { conversationTitle } from '../conversations/conversation-title.ts';
import { type MessageRecord, messagesCollection, textOf } from '../conversations/message-record.ts';
import { newConversation } from '../conversations/new-conversation.ts';
import { assertOwnFolder } from '../library/folder-record.ts';
import type { Uploads } from '../ports/uploads.ts';
import { bodyHashOf } from './acceptance.ts';

export interface SendRequest {
  readonly user: User;
  readonly clientMessageId: string;
  /** null begins a new conversation. */
  readonly conversationId: string | null;
  readonly text: string;
  readonly attachments?: readonly string[] | undefined;
  readonly model?: string | undefined;
  readonly level?: Level | undefined;
  /** undefined: the conversation's head; null: a new root. */
  readonly parentId?: string | null | undefined;
  /** The next three are those of a new conversation; they say nothing about one that exists. */
  readonly profile?: string | undefined;
  readonly temporary?: boolean | undefined;
  readonly folderId?: string | undefined;
  /** Chosen option by mode, kept for the conversation. */
  readonly modes?: Readonly<Record<string, string>> | undefined;
}

/** A request on an existing message. */
export interface MessageRequest {
  readonly user: User;
  readonly clientMessageId: string;
  readonly messageId: string;
  readonly text?: string | undefined;
  /** Another model for this answer alone; of `regenerate` only. */
  readonly model?: string | undefined;
}

/** What an accepted request will write and run, before a model is chosen. */
export interface GenerationPlan {
  readonly user: User;
  readonly clientMessageId: string;
  readonly conversation: ConversationRecord;
  readonly isNewConversation: boolean;
  /** The person's message that is answered, and whether this request brings it. */
  readonly question: MessageRecord | null;
  readonly isNewQuestion: boolean;
  /** The answer that grows: new and empty, or interrupted and continued. */
  readonly answer: MessageRecord;
  readonly continued: boolean;
  readonly model: string | undefined;
  readonly level: Level | undefined;
  /** Chosen with this message, for a conversation that exists. */
  readonly modes?: NonNullable<ConversationRecord['modes']> | undefined;
}

export interface PlanOptions {
  readonly documents: DocumentStore;
  readonly uploads: Uploads;
  readonly limits: { readonly textBytes: number; readonly attachmentsPerMessage: number };
  readonly now: () => number;
}

/** Turns each kind of request into one plan: what is sent, edited, asked again or continued ends the same way. */
export class GenerationPlans {
  readonly #options: PlanOptions;

  constructor(options: PlanOptions) {
    this.#options = options;
  }

  async send(request: SendRequest): Promise<GenerationPlan> {
    const { user, attachments = [] } = request;
    const found = request.conversationId === null ? null : await this.conversation(user.id, request.conversationId);
    const media = await this.#media(user.id, attachments);
    const text = this.#checkedText(request.text, media.length);
    const conversation = found ?? (await this.#newConversation(request, text));
    const parentId = request.parentId === undefined ? conversation.headId : request.parentId;
    if (parentId !== null && parentId !== conversation.headId) await this.message(user.id, parentId, conversation.id);
    const parts: Part[] = [...media, ...(text === '' ? [] : [{ type: 'text' as const, text }])];
    const question = this.#newMessage(conversation, { role: 'user', parentId, parts });
    const plan = this.#plan(request, conversation, { question, isNewQuestion: true });
    if (found === null) return { ...plan, isNewConversation: true };
    const modes = request.modes === undefined ? undefined : modePairs(request.modes);
    return { ...plan, modes, conversation: modes === undefined ? found : { ...found, modes } };
  }

  /** A changed question becomes a sibling of the old one; its pictures go along. */
  async edit(request: MessageRequest): Promise<GenerationPlan> {
    const { user } = request;
    const original = await this.message(user.id, request.messageId);
    if (original.role !== 'user') throw new AppError('BAD_REQUEST', { message: 'Only your own messages can be edited.' });
    const conversation = await this.conversation(user.id, original.conversationId);
    const media = original.parts.filter((part) => part.type === 'image' || part.type === 'file');
    const text = this.#checkedText(request.text ?? '', media.length);
    const parts: Part[] = [...media, ...(text === '' ? [] : [{ type: 'text' as const, text }])];
    const question = this.#newMessage(conversation, { role: 'user', parentId: original.parentId, parts });
    return this.#plan(request, conversation, { question, isNewQuestion: true });
  }

  /** Another answer to the same question, beside the first. Takes the answer or the question itself. */
  async regenerate(request: MessageRequest): Promise<GenerationPlan> {
    const { user } = request;
    const target = await this.message(user.id, request.messageId);
    const conversation = await this.conversation(user.id, target.conversationId);
    const questionId = target.role === 'user' ? target.id : target.parentId;
    if (questionId === null) throw new AppError('BAD_REQUEST', { message: 'There is no question to answer again.' });
    const question = await this.message(user.id, questionId, conversation.id);
    // What a plugin said by itself answers nobody.
    if (question.role !== 'user') throw new AppError('BAD_REQUEST', { message: 'There is no question to answer again.' });
    return this.#plan(request, conversation, { question, isNewQuestion: false });
  }

  /** Goes on with an answer that was cut or stopped: the text grows, nothing is replaced. */
  async continueAnswer(request: MessageRequest): Promise<GenerationPlan> {
    const { user } = request;
    const answer = await this.message(user.id, request.messageId);
    // It may end before a continuation is written, which would then begin from the text as it was now and replace the rest.
    if (answer.role === 'assistant' && answer.status === 'streaming') throw new AppError('GENERATION_RUNNING');
    const cut = answer.status === 'interrupted' || answer.status === 'stopped' || answer.finishReason === 'MAX_TOKENS';
    if (answer.role !== 'assistant' || !cut) {
      throw new AppError('BAD_REQUEST', {
        message: 'Only an answer that was cut can be continued.',
        params: { reason: 'not_cut' },
      });
    }
    const conversation = await this.conversation(user.id, answer.conversationId);
    const question = answer.parentId === null ? null : await this.message(user.id, answer.parentId, conversation.id);
    const plan = this.#plan(request, conversation, { question, isNewQuestion: false });
    return { ...plan, answer, continued: true };
  }

  /** @throws AppError NOT_FOUND for an unknown, a deleted and somebody else's conversation alike */
  async conversation(userId: string, id: string): Promise<ConversationRecord> {
    const record = await this.#options.documents.get<ConversationRecord>(conversationsCollection.name, id);
    if (!isOpenFor(userId, record)) throw new AppError('NOT_FOUND');
    return record;
  }

  /** @throws AppError NOT_FOUND, also when it belongs to another conversation than the named one */
  async message(userId: string, id: string, conversationId?: string): Promise<MessageRecord> {
    const record = await this.#options.documents.get<MessageRecord>(messagesCollection.name, id);
    if (record === null || record.ownerId !== userId) throw new AppError('NOT_FOUND');
    if (conversationId !== undefined && record.conversationId !== conversationId) throw new AppError('NOT_FOUND');
    return record;
  }

  #plan(
    request: SendRequest | MessageRequest,
    conversation: ConversationRecord,
    asked: { readonly question: MessageRecord | null; readonly isNewQuestion: boolean },
  ): GenerationPlan {
    const answer = this.#newMessage(conversation, { role: 'assistant', parentId: asked.question?.id ?? null, parts: [] });
    return {
      user: request.user,
      clientMessageId: request.clientMessageId,
      conversation,
      isNewConversation: false,
      ...asked,
      answer,
      continued: false,
      model: 'model' in request ? request.model : undefined,
      level: 'level' in request ? request.level : undefined,
    };
  }

  #checkedText(text: string, attachments: number): string {
    const limit = this.#options.limits.textBytes;
    const bytes = Buffer.byteLength(text);
    if (limit > 0 && bytes > limit) throw new AppError('TOO_LARGE', { params: { limit, bytes } });
    if (text.trim() === '' && attachments === 0) {
      throw new AppError('BAD_REQUEST', { message: 'The message is empty.', params: { reason: 'empty' } });
    }
    return text;
  }

  async #media(ownerId: string, fileIds: readonly string[]): Promise<Part[]> {
    const limit = this.#options.limits.attachmentsPerMessage;
    if (limit > 0 && fileIds.length > limit) throw new AppError('TOO_LARGE', { params: { limit, attachments: fileIds.length } });
    const files = await Promise.all(fileIds.map((id) => this.#options.uploads.get(ownerId, id)));
    return files.map((file) => {
      const { id: fileId, url, mime, name, width, height } = file;
      const size = width === undefined || height === undefined ? {} : { width, height };
      return { type: 'image', fileId, url, mime, ...(name === undefined ? {} : { name }), ...size };
    });
  }

  async #newConversation(request: SendRequest, text: string): Promise<ConversationRecord> {
    const { user, profile, temporary = false, folderId, modes } = request;
    const ownerId = user.id;
    if (folderId !== undefined) await assertOwnFolder(this.#options.documents, ownerId, folderId, temporary);
    const chosen = { profile, temporary, folderId, modes };
    return newConversation({ ownerId, title: conversationTitle(text) ?? '', titledBy: 'automatic', now: this.#options.now(), ...chosen });
  }

  #newMessage(conversation: ConversationRecord, fields: Pick<MessageRecord, 'role' | 'parentId' | 'parts'>): MessageRecord {
    const { id: conversationId, ownerId } = conversation;
    const status = fields.role === 'user' ? 'complete' : 'streaming';
    return {
      id: newId(),
      conversationId,
      ownerId,
      status,
      ...fields,
      createdAt: this.#options.now(),
      words: conversation.state === 'temporary' ? [] : indexWords(textOf(fields.parts)),
    };
  }
}

/** A digest of everything that makes two sends the same one. */
export function hashOfSend(request: SendRequest): string {
  const { conversationId, text, attachments = [], model = null, level = null } = request;
  const parentId = request.parentId === undefined ? 'head' : request.parentId;
  const { profile, temporary, folderId, modes } = request;
  // Absent ones leave no trace: what an older version accepted is known again by its digest. `JSON.stringify` drops them.
  return bodyHashOf({ kind: 'send', conversationId, text, attachments, model, level, parentId, profile, temporary, folderId, modes });
}

export function hashOfRequest(kind: string, request: Pick<MessageRequest, 'messageId' | 'text' | 'model'>): string {
  return bodyHashOf({ kind, messageId: request.messageId, text: request.text ?? null, model: request.model });
}
