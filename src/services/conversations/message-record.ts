import { isoTime } from '../../lib/clock.ts';
import type { CollectionSpec } from '../../lib/document-store.ts';
import type { ErrorShape, Message, MessageStatus, Part, Usage } from '../../protocol/index.ts';

/** A message as stored. Branches are made by `parentId`; nothing is ever overwritten but the answer that is being written. */
export type MessageRecord = {
  readonly id: string;
  readonly conversationId: string;
  readonly ownerId: string;
  readonly parentId: string | null;
  readonly role: 'user' | 'assistant';
  readonly status: MessageStatus;
  readonly parts: readonly Part[];
  readonly model?: string;
  readonly usage?: Usage;
  readonly finishReason?: string;
  readonly error?: ErrorShape;
  readonly feedback?: { readonly value: 1 | -1; readonly comment?: string };
  /** Who speaks, where it is not the model under its own name. */
  readonly author?: { readonly name: string; readonly avatar?: string };
  /** The person keeps it at hand. */
  readonly favourite?: true;
  readonly createdAt: number;
  /** The generation that wrote it last, and the last event of it that `parts` includes. */
  readonly generationId?: string;
  readonly seq?: number;
  /** The provider's own parts, as JSON text (keys of arguments may hold any character), replayed to the same provider. */
  readonly raw?: string;
  readonly rawProvider?: string;
  readonly rawModel?: string;
  readonly words: readonly string[];
  /** Counts changes of `parts` after the message was written, so that two at once are both kept. */
  readonly rev?: number;
};

export const messagesCollection: CollectionSpec = {
  name: 'messages',
  indexes: [{ name: 'byConversation', fields: ['ownerId', 'conversationId', 'id'] }],
  search: { owner: 'ownerId', words: 'words' },
};

export function toMessage(record: MessageRecord): Message {
  return {
    id: record.id,
    conversationId: record.conversationId,
    parentId: record.parentId,
    role: record.role,
    status: record.status,
    parts: [...record.parts],
    ...(record.model === undefined ? {} : { model: record.model }),
    ...(record.usage === undefined ? {} : { usage: record.usage }),
    ...(record.finishReason === undefined ? {} : { finishReason: record.finishReason }),
    ...(record.error === undefined ? {} : { error: record.error }),
    ...(record.feedback === undefined ? {} : { feedback: record.feedback }),
    ...(record.author === undefined ? {} : { author: record.author }),
    ...(record.favourite === true ? { favourite: true } : {}),
    createdAt: isoTime(record.createdAt),
  };
}

/** The answer's text without thoughts: what is hashed, searched, exported and sent back to a model. */
export function textOf(parts: readonly Part[]): string {
  let text = '';
  for (const part of parts) if (part.type === 'text') text += part.text;
  return text;
}

/** The thoughts alone. */
export function thoughtOf(parts: readonly Part[]): string {
  let text = '';
  for (const part of parts) if (part.type === 'thought') text += part.text;
  return text;
}

/** Of all that the parts say, about: what a message weighs. */
export function charactersOf(parts: readonly Part[]): number {
  let characters = 0;
  for (const part of parts) for (const value of Object.values(part)) if (typeof value === 'string') characters += value.length;
  return characters;
}

export function fileIdsOf(parts: readonly Part[]): string[] {
  return parts.flatMap((part) => (part.type === 'image' || part.type === 'file' ? [part.fileId] : []));
}
