import { AppError } from '../../lib/app-error.ts';
import { createBreather } from '../../lib/breather.ts';
import type { DocumentStore } from '../../lib/document-store.ts';
import type { ConversationRecord } from '../conversations/conversation-record.ts';
import { charactersOf, type MessageRecord, messagesCollection } from '../conversations/message-record.ts';

/** A copy is held in memory while it is made. */
const mostCharacters = 16 * 1024 * 1024;
const mostMessages = 5000;

/**
 * The messages from the first one to `leafId`, oldest first.
 * @throws AppError NOT_FOUND for a message of another conversation, GENERATION_RUNNING while one is being written, TOO_LARGE
 */
export async function readBranch(
  documents: DocumentStore,
  { id: conversationId, ownerId }: Pick<ConversationRecord, 'id' | 'ownerId'>,
  leafId: string,
): Promise<MessageRecord[]> {
  const branch: MessageRecord[] = [];
  const breathe = createBreather();
  let characters = 0;
  for (let id: string | null = leafId; id !== null; ) {
    await breathe();
    const message: MessageRecord | null = await documents.get<MessageRecord>(messagesCollection.name, id);
    if (message === null || message.ownerId !== ownerId || message.conversationId !== conversationId) {
      if (branch.length === 0) throw new AppError('NOT_FOUND');
      break;
    }
    if (message.status === 'streaming') throw new AppError('GENERATION_RUNNING');
    branch.push(message);
    characters += charactersOf(message.parts);
    if (characters > mostCharacters || branch.length > mostMessages) {
      throw new AppError('TOO_LARGE', { message: 'This conversation is too large to share in one piece.' });
    }
    id = message.parentId;
  }
  return branch.reverse();
}
