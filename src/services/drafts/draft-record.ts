import { isoTime } from '../../lib/clock.ts';
import type { CollectionSpec } from '../../lib/document-store.ts';
import type { Draft } from '../../protocol/index.ts';

/** What one person typed and did not send, in one conversation or (null) for a new one. Times are epoch milliseconds. */
export type DraftRecord = {
  /** Made of owner and place: there is one for each. */
  readonly id: string;
  readonly ownerId: string;
  readonly conversationId: string | null;
  readonly text: string;
  readonly updatedAt: number;
};

export const draftsCollection: CollectionSpec = {
  name: 'drafts',
  indexes: [{ name: 'byOwner', fields: ['ownerId', 'updatedAt'] }],
};

export function draftIdOf(ownerId: string, conversationId: string | null): string {
  return `${ownerId}:${conversationId ?? 'new'}`;
}

export function toDraft({ conversationId, text, updatedAt }: DraftRecord): Draft {
  return { conversationId, text, updatedAt: isoTime(updatedAt) };
}
