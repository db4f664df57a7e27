import type { DocumentStore, FoundPage } from '../../lib/document-store.ts';
import { BadCursorError } from '../../lib/store-errors.ts';
import type { FoundConversation, Page } from '../../protocol/index.ts';
import { type ConversationRecord, conversationsCollection, toConversation } from './conversation-record.ts';
import { type MessageRecord, messagesCollection, textOf } from './message-record.ts';
import { type Snippet, snippetOf, stretchesOf } from './search-snippet.ts';

export interface ConversationSearchQuery {
  readonly cursor?: string | undefined;
  readonly limit: number;
}

type Found = Map<string, { readonly record: ConversationRecord; readonly messageId?: string; readonly snippet?: Snippet }>;

/** Where the two searches stand; null: nothing is left. */
interface Position {
  readonly titles: string | null | undefined;
  readonly messages: string | null | undefined;
}

/** Messages that are read at once: each may be long. */
const STEP = 40;
/** One long conversation may fill whole pages: so many further ones are read for the sake of the others. */
const MAX_STEPS = 6;

/**
 * A page of the conversations whose title or messages hold all the words, newest change first in the page; a later page may name
 * one again, for an older message. Neither the trash nor temporary ones are found.
 * @param words normalised, at least one
 */
export async function searchConversations(
  documents: DocumentStore,
  ownerId: string,
  words: readonly string[],
  query: ConversationSearchQuery,
): Promise<Page<FoundConversation>> {
  const from = positionFrom(query.cursor);
  const found: Found = new Map();
  const titles = await searchTitles(documents, { owner: ownerId, words, limit: query.limit, ...cursorOf(from.titles) }, from.titles);
  for (const record of titles.items) if (isListed(record, ownerId)) found.set(record.id, { record });
  let messages = from.messages;
  let steps = 0;
  while (messages !== null && steps < MAX_STEPS && countWithMessages(found) < query.limit) {
    const step = { owner: ownerId, words, limit: Math.max(STEP / 2, Math.min(query.limit, STEP)), ...cursorOf(messages) };
    const page: FoundPage<MessageRecord> = await documents.search<MessageRecord>(messagesCollection.name, step);
    await addMessages(documents, found, { ownerId, words, messages: page.items });
    messages = page.nextCursor;
    steps += 1;
  }
  const items = [...found.values()].sort((a, b) => b.record.updatedAt - a.record.updatedAt).map((each) => toFound(each, words));
  return { items, nextCursor: cursorFrom({ titles: titles.nextCursor, messages }) };
}

type SearchArguments = Parameters<DocumentStore['search']>[1];

async function searchTitles(
  documents: DocumentStore,
  query: SearchArguments,
  from: Position['titles'],
): Promise<FoundPage<ConversationRecord>> {
  return from === null ? { items: [], nextCursor: null } : documents.search(conversationsCollection.name, query);
}

/** The newest message of each conversation that holds the words. */
async function addMessages(
  documents: DocumentStore,
  found: Found,
  {
    ownerId,
    words,
    messages,
  }: { readonly ownerId: string; readonly words: readonly string[]; readonly messages: readonly MessageRecord[] },
): Promise<void> {
  const newest = new Map<string, MessageRecord>();
  for (const message of messages) {
    const { conversationId } = message;
    if (!newest.has(conversationId) && found.get(conversationId)?.messageId === undefined) newest.set(conversationId, message);
  }
  const records = await documents.getMany<ConversationRecord>(conversationsCollection.name, [...newest.keys()]);
  for (const record of records) {
    const message = newest.get(record.id);
    if (message === undefined || !isListed(record, ownerId)) continue;
    found.set(record.id, { record, messageId: message.id, snippet: await snippetOf(textOf(message.parts), words) });
  }
}

function isListed({ ownerId, state }: ConversationRecord, userId: string): boolean {
  return ownerId === userId && (state === 'live' || state === 'archived');
}

function countWithMessages(found: Found): number {
  let count = 0;
  for (const { messageId } of found.values()) if (messageId !== undefined) count += 1;
  return count;
}

function toFound({ record, messageId, snippet }: NonNullable<ReturnType<Found['get']>>, words: readonly string[]): FoundConversation {
  const titleHighlights = stretchesOf(record.title, words);
  return {
    ...toConversation(record),
    ...(snippet === undefined || snippet.text === '' ? {} : { snippet: snippet.text, highlights: snippet.highlights }),
    ...(titleHighlights.length === 0 ? {} : { titleHighlights }),
    ...(messageId === undefined ? {} : { messageId }),
  };
}

function cursorOf(cursor: string | null | undefined): { cursor?: string } {
  return cursor === null || cursor === undefined ? {} : { cursor };
}

/** Two cursors of the store with a dot between them, `-` for one that has come to its end. */
function positionFrom(cursor: string | undefined): Position {
  if (cursor === undefined) return { titles: undefined, messages: undefined };
  const [titles, messages, ...more] = cursor.split('.');
  if (!titles || !messages || more.length > 0) throw new BadCursorError('the cursor is not one of a search');
  return { titles: titles === '-' ? null : titles, messages: messages === '-' ? null : messages };
}

function cursorFrom({ titles, messages }: Position): string | null {
  return titles === null && messages === null ? null : `${titles ?? '-'}.${messages ?? '-'}`;
}
