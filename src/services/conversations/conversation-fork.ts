import { AppError } from '../../lib/app-error.ts';
import { createBreather } from '../../lib/breather.ts';
import type { Clock } from '../../lib/clock.ts';
import type { BatchOperation, DocumentStore, FoundPage } from '../../lib/document-store.ts';
import { newId } from '../../lib/new-id.ts';
import type { Conversation, Part, Usage } from '../../protocol/index.ts';
import { createRateBuckets } from '../accounts/rate-buckets.ts';
import type { MessagingService } from '../messaging/messaging-service.ts';
import { filesShownIn } from '../shares/shared-message.ts';
import type { Uploads } from '../uploads/uploads.ts';
import { audienceOf, type ConversationRecord, conversationsCollection, isOpenFor, toConversation } from './conversation-record.ts';
import { type MessageRecord, messagesCollection } from './message-record.ts';

export interface ConversationForksOptions {
  readonly documents: DocumentStore;
  readonly uploads: Pick<Uploads, 'find' | 'refer'>;
  readonly messaging: Pick<MessagingService, 'publishEvent'>;
  readonly clock: Clock;
}

/** Each reads a branch and writes it again. */
const forksPerMinute = 20;
const minuteMs = 60_000;
const mostMessages = 10_000;
/** The index of words is what takes long: of older copies the search finds the original alone. */
const searchedMessages = 500;
/** Messages that are held at once: each may be long. */
const STEP = 25;

/** Makes a conversation of its own of the branch that ends with one message. Afterwards nothing ties the two together. */
export function createConversationForks({ documents, uploads, messaging, clock }: ConversationForksOptions) {
  const made = createRateBuckets(clock, 10_000);

  /**
   * The copy has the title, settings, folder and pictures of the original; a fork of a temporary conversation is temporary too.
   * @throws AppError NOT_FOUND, GENERATION_RUNNING while the branch is being written, RATE_LIMITED, TOO_LARGE
   */
  return async (userId: string, conversationId: string, messageId: string): Promise<Conversation> => {
    const original = await documents.get<ConversationRecord>(conversationsCollection.name, conversationId);
    if (!isOpenFor(userId, original)) throw new AppError('NOT_FOUND');
    const leaf = await documents.get<MessageRecord>(messagesCollection.name, messageId);
    if (leaf === null || leaf.ownerId !== userId || leaf.conversationId !== conversationId) throw new AppError('NOT_FOUND');
    made.take(userId, forksPerMinute, minuteMs);
    const ids = await branchIds(documents, leaf);
    const now = clock.now();
    const begun = forkOf(original, messageId, now);
    // Hidden until it is whole: what dies half-way is removed by the sweeper.
    const hidden: ConversationRecord = { ...begun, state: 'hidden', deletedAt: now };
    await documents.insert(conversationsCollection.name, hidden);
    const headId = await copyBranch(documents, uploads, ids, begun);
    const { state, deletedAt } = begun;
    const set = { state, deletedAt, headId, updatedAt: clock.now() };
    const whole = await documents.update<ConversationRecord>(conversationsCollection.name, begun.id, { expect: { state: 'hidden' }, set });
    if (whole === null) throw new AppError('NOT_FOUND');
    const conversation = toConversation(whole);
    messaging.publishEvent({ to: audienceOf(whole), frame: { type: 'conversation.created', conversation } });
    return conversation;
  };
}

/** Of the branch that ends with `leaf`, newest first. Parents are mostly near: they are read by pages, the rest one by one. */
async function branchIds(documents: DocumentStore, leaf: MessageRecord): Promise<string[]> {
  const { ownerId, conversationId } = leaf;
  const ids: string[] = [];
  let wanted: string | null = leaf.id;
  const take = (message: MessageRecord) => {
    if (message.status === 'streaming') throw new AppError('GENERATION_RUNNING');
    if (ids.push(message.id) > mostMessages) throw new AppError('TOO_LARGE', { params: { limit: mostMessages } });
    wanted = message.parentId;
  };
  const query = {
    index: 'byConversation',
    where: { ownerId, conversationId },
    range: { to: leaf.id },
    order: 'desc',
    limit: STEP,
  } as const;
  let cursor: string | null | undefined;
  while (wanted !== null && cursor !== null) {
    const from: { cursor?: string } = cursor === undefined ? {} : { cursor };
    const page: FoundPage<MessageRecord> = await documents.find<MessageRecord>(messagesCollection.name, { ...query, ...from });
    for (const message of page.items) if (message.id === wanted) take(message);
    cursor = page.nextCursor;
  }
  while (wanted !== null) {
    const message: MessageRecord | null = await documents.get<MessageRecord>(messagesCollection.name, wanted);
    if (message === null || message.ownerId !== ownerId || message.conversationId !== conversationId) break;
    take(message);
  }
  return ids;
}

/**
 * Copies messages into a conversation of the same person, each with the one before as its parent.
 * @param ids newest first
 * @returns the id of the last copy
 */
async function copyBranch(
  documents: DocumentStore,
  uploads: Pick<Uploads, 'find' | 'refer'>,
  ids: readonly string[],
  { id: conversationId, ownerId }: Pick<ConversationRecord, 'id' | 'ownerId'>,
): Promise<string | null> {
  const breathe = createBreather();
  const oldestFirst = ids.toReversed();
  let parentId: string | null = null;
  for (let at = 0; at < oldestFirst.length; at += STEP) {
    const operations: BatchOperation[] = [];
    const wanted = oldestFirst.slice(at, at + STEP);
    const originals = await documents.getMany<MessageRecord>(messagesCollection.name, wanted);
    // The original is being removed for good: half of it is no copy.
    if (originals.length < wanted.length) throw new AppError('NOT_FOUND');
    for (const original of originals) {
      await breathe();
      const isSearched = at + operations.length >= oldestFirst.length - searchedMessages;
      const document: MessageRecord = { ...messageOf(original, { conversationId, parentId }), ...(isSearched ? {} : { words: [] }) };
      operations.push({ type: 'insert', collection: messagesCollection.name, document });
      parentId = document.id;
    }
    const files = await uploads.find(ownerId, [...new Set(originals.flatMap(({ parts }) => filesShownIn(parts)))]);
    await uploads.refer(ownerId, [...files.keys()], conversationId);
    if (operations.length > 0) await documents.batch(operations);
  }
  return parentId;
}

function forkOf(original: ConversationRecord, messageId: string, now: number): ConversationRecord {
  const { ownerId, title, titledBy, settings, words, folderId, profile, modes } = original;
  const temporary = original.state === 'temporary';
  return {
    ...{ id: newId(), ownerId, title, titledBy, settings, words, headId: null, runningId: null },
    state: temporary ? 'temporary' : 'live',
    deletedAt: temporary ? now : null,
    ...(folderId === undefined ? {} : { folderId }),
    ...(profile === undefined ? {} : { profile }),
    ...(modes === undefined ? {} : { modes }),
    forkedFrom: { conversationId: original.id, messageId },
    createdAt: now,
    updatedAt: now,
  };
}

/** What it says stays; what was done with it (cost, feedback, the star) stays with the original. */
function messageOf(original: MessageRecord, place: Pick<MessageRecord, 'conversationId' | 'parentId'>): MessageRecord {
  const { ownerId, role, status, parts, model, usage, finishReason, error, author, createdAt, raw, rawProvider, rawModel, words } =
    original;
  return {
    ...{ id: newId(), ...place, ownerId, role, status, parts: copiedParts(parts), createdAt, words },
    ...(model === undefined ? {} : { model }),
    ...(usage === undefined ? {} : { usage: withoutCost(usage) }),
    ...(finishReason === undefined ? {} : { finishReason }),
    ...(error === undefined ? {} : { error }),
    ...(author === undefined ? {} : { author }),
    ...(raw === undefined ? {} : { raw }),
    ...(rawProvider === undefined ? {} : { rawProvider }),
    ...(rawModel === undefined ? {} : { rawModel }),
  };
}

function withoutCost({ costMicroUsd: _cost, pricesOf: _prices, ...tokens }: Usage): Usage {
  return tokens;
}

/** A question waits in one place only. A job is shown by what came of it, if anything did. */
function copiedParts(parts: readonly Part[]): Part[] {
  const kept = parts.filter(({ type }) => type !== 'job').map(closed);
  return kept.length === 0 ? [...parts] : kept;
}

function closed(part: Part): Part {
  return part.type === 'ask' && part.status === 'open' ? { ...part, status: 'cancelled' } : part;
}
