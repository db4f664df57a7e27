import { isoTime } from '../../lib/clock.ts';
import type { CollectionSpec } from '../../lib/document-store.ts';
import type { Favourite } from '../../protocol/index.ts';

/** A message that its owner keeps at hand. `id` is that of the message, which bears the mark too. */
export type FavouriteRecord = {
  readonly id: string;
  readonly ownerId: string;
  readonly conversationId: string;
  readonly text: string;
  readonly createdAt: number;
};

export const favouritesCollection: CollectionSpec = {
  name: 'favourites',
  indexes: [
    { name: 'byOwner', fields: ['ownerId', 'createdAt'] },
    { name: 'byConversation', fields: ['ownerId', 'conversationId'] },
  ],
};

/** As much as a prompt may hold. */
const MAX_CHARACTERS = 16_384;

export function favouriteText(text: string): string {
  return text.trim().slice(0, MAX_CHARACTERS);
}

export function toFavourite({ id, conversationId, text, createdAt }: FavouriteRecord): Favourite {
  return { messageId: id, conversationId, text, createdAt: isoTime(createdAt) };
}
