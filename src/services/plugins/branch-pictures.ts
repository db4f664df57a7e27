import type { DocumentStore } from '../../lib/document-store.ts';
import { type ConversationRecord, conversationsCollection, isOpenFor } from '../conversations/conversation-record.ts';
import { fileIdsOf, type MessageRecord, messagesCollection } from '../conversations/message-record.ts';

/** Messages that are looked at, so that a long conversation without pictures costs little. */
const MOST_MESSAGES = 200;

/**
 * The newest pictures of the branch of a conversation that is shown, oldest of them first; fewer where there are fewer.
 * Another's conversation has none.
 * @param fromId the message at the end of the branch; omitted: the conversation's head
 */
export async function branchPictures(
  documents: DocumentStore,
  place: { readonly ownerId: string; readonly conversationId: string; readonly fromId: string | undefined },
  count: number,
): Promise<string[]> {
  const { ownerId, conversationId, fromId } = place;
  const conversation = await documents.get<ConversationRecord>(conversationsCollection.name, conversationId);
  if (!isOpenFor(ownerId, conversation)) return [];
  const found: string[] = [];
  let id: string | null = fromId ?? conversation.headId;
  for (let seen = 0; id !== null && found.length < count && seen < MOST_MESSAGES; seen += 1) {
    const message: MessageRecord | null = await documents.get<MessageRecord>(messagesCollection.name, id);
    if (message === null || message.ownerId !== ownerId || message.conversationId !== conversationId) break;
    found.unshift(...fileIdsOf(message.parts));
    id = message.parentId;
  }
  return found.slice(-count);
}
