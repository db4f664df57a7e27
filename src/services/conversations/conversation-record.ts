import { isoTime } from '../../lib/clock.ts';
import type { CollectionSpec } from '../../lib/document-store.ts';
import type { Conversation, Settings } from '../../protocol/index.ts';

/** A conversation as stored: metadata only, messages are documents of their own. Times are epoch milliseconds. */
export type ConversationRecord = {
  readonly id: string;
  readonly ownerId: string;
  readonly title: string;
  /** Who named it: an automatic title may be improved, a person's never. */
  readonly titledBy: 'automatic' | 'person';
  readonly headId: string | null;
  readonly settings: Settings;
  readonly state: 'live' | 'deleted';
  readonly deletedAt: number | null;
  /** The generation that writes in it now, for lists; the truth is the generation row. */
  readonly runningId: string | null;
  /** Normalised words of the title, for search. */
  readonly words: readonly string[];
  readonly createdAt: number;
  readonly updatedAt: number;
};

export const conversationsCollection: CollectionSpec = {
  name: 'conversations',
  indexes: [
    { name: 'byOwner', fields: ['ownerId', 'state', 'updatedAt'] },
    // In an order that no change moves, for the export.
    { name: 'byOwnerAndId', fields: ['ownerId', 'state', 'id'] },
    { name: 'byDeletion', fields: ['state', 'deletedAt'] },
  ],
  search: { owner: 'ownerId', words: 'words' },
};

export function toConversation(record: ConversationRecord): Conversation {
  const { model, level } = record.settings;
  return {
    id: record.id,
    title: record.title,
    headId: record.headId,
    ...(typeof model === 'string' ? { model } : {}),
    ...(typeof level === 'string' ? { level } : {}),
    ...(record.runningId === null ? {} : { running: true }),
    createdAt: isoTime(record.createdAt),
    updatedAt: isoTime(record.updatedAt),
  };
}
