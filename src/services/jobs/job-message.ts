import type { BatchOperation } from '../../lib/document-store.ts';
import { newId } from '../../lib/new-id.ts';
import { indexWords } from '../../lib/normalise-words.ts';
import type { Part, StoredFile } from '../../protocol/index.ts';
import { type ConversationRecord, type ConversationState, conversationsCollection } from '../conversations/conversation-record.ts';
import { type MessageRecord, messagesCollection } from '../conversations/message-record.ts';
import type { JobRecord } from './job-record.ts';

/** The answer that shows a job in its conversation: complete from the beginning, the job has a state of its own. */
export function jobMessage(conversation: ConversationRecord, jobId: string, parentId: string | null, now: number): MessageRecord {
  return {
    id: newId(),
    conversationId: conversation.id,
    ownerId: conversation.ownerId,
    parentId,
    role: 'assistant',
    status: 'complete',
    parts: [{ type: 'job', jobId }],
    createdAt: now,
    words: [],
  };
}

/**
 * The message becomes the head of a conversation that nobody has deleted meanwhile; repeated later only where nothing was written behind
 * it since.
 * @param state of the conversation when it was read
 */
export function acceptedOperations(message: MessageRecord, repeated: boolean, state: ConversationState = 'live'): BatchOperation[] {
  const expect = repeated ? { headId: message.parentId } : { state };
  // Work in an archived conversation brings it back.
  const back = state === 'archived' && !repeated ? { state: 'live' } : {};
  const change = { expect, set: { headId: message.id, updatedAt: message.createdAt, ...back } };
  return [
    { type: 'insertIfAbsent', collection: messagesCollection.name, document: message },
    { type: 'update', collection: conversationsCollection.name, id: message.conversationId, change },
  ];
}

/** The job, then what came of it. */
export function finishedParts(jobId: string, result: ResultParts): Part[] {
  const { files, provenance, text } = result;
  return [
    { type: 'job', jobId },
    ...files.map((file): Part => {
      const { id: fileId, url, mime, name, width, height } = file;
      const size = width === undefined || height === undefined ? {} : { width, height };
      return { type: 'image', fileId, url, mime, ...(name === undefined ? {} : { name }), ...size, provenance };
    }),
    ...(text === undefined || text === '' ? [] : [{ type: 'text' as const, text }]),
  ];
}

export interface ResultParts {
  readonly files: readonly StoredFile[];
  readonly provenance: NonNullable<Extract<Part, { type: 'image' }>['provenance']>;
  readonly text: string | undefined;
}

export function finishedOperations(record: JobRecord, parts: readonly Part[], now: number): BatchOperation[] {
  const { messageId, conversationId } = record;
  if (messageId === undefined || conversationId === undefined) return [];
  const text = parts.map((part) => (part.type === 'text' ? part.text : '')).join('');
  const shown = { set: { parts: parts.map((part) => ({ ...part })), words: indexWords(text) } };
  return [
    { type: 'update', collection: messagesCollection.name, id: messageId, change: shown },
    { type: 'update', collection: conversationsCollection.name, id: conversationId, change: { set: { updatedAt: now } } },
  ];
}
