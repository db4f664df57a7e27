import { AppError } from '../../lib/app-error.ts';
import { isoTime } from '../../lib/clock.ts';
import type { CollectionSpec } from '../../lib/document-store.ts';
import type { Conversation, Settings } from '../../protocol/index.ts';

/**
 * `live` ones stand in the side bar, `archived` ones in the archive, `temporary` ones nowhere: they are gone a day after
 * their last change. All three are read and written alike. `deleted` ones lie in the trash; `hidden` ones are not whole: being copied, or being removed.
 */
export type ConversationState = 'live' | 'archived' | 'temporary' | 'deleted' | 'hidden';

/** A conversation as stored: metadata only, messages are documents of their own. Times are epoch milliseconds. */
export type ConversationRecord = {
  readonly id: string;
  readonly ownerId: string;
  readonly title: string;
  /** Who named it: an automatic title may be improved, a person's never. */
  readonly titledBy: 'automatic' | 'person';
  readonly headId: string | null;
  readonly settings: Settings;
  readonly state: ConversationState;
  /** When it went to the trash. Of a hidden one: when that began. Of a temporary one: a time at which it was in use. */
  readonly deletedAt: number | null;
  /** The generation that writes in it now, for lists; the truth is the generation row. */
  readonly runningId: string | null;
  /** Normalised words of the title, for search. */
  readonly words: readonly string[];
  /** Present only while it holds, so that the index of pins is one of pins. */
  readonly pinned?: true;
  readonly folderId?: string;
  /** Of a plugin, chosen when it began. */
  readonly profile?: string;
  /** Pairs of mode and option: names of modes may hold dots, keys of documents may not. */
  readonly modes?: readonly (readonly [mode: string, option: string])[];
  readonly forkedFrom?: NonNullable<Conversation['forkedFrom']>;
  readonly createdAt: number;
  readonly updatedAt: number;
};

export const conversationsCollection: CollectionSpec = {
  name: 'conversations',
  indexes: [
    { name: 'byOwner', fields: ['ownerId', 'state', 'updatedAt'] },
    { name: 'byPin', fields: ['ownerId', 'pinned', 'state', 'updatedAt'], sparse: 'pinned' },
    { name: 'byFolder', fields: ['ownerId', 'folderId', 'state', 'updatedAt'], sparse: 'folderId' },
    { name: 'byOwnerDeletion', fields: ['ownerId', 'state', 'deletedAt'] },
    // In an order that no change moves, for the export.
    { name: 'byOwnerAndId', fields: ['ownerId', 'state', 'id'] },
    { name: 'byDeletion', fields: ['state', 'deletedAt'] },
  ],
  search: { owner: 'ownerId', words: 'words' },
};

/** It can be read and written: neither in the trash nor half a copy. */
export function isOpen({ state }: Pick<ConversationRecord, 'state'>): boolean {
  return state === 'live' || state === 'archived' || state === 'temporary';
}

/** What was read by its id is this person's and open; everything else is answered as if it did not exist. */
export function isOpenFor(userId: string, record: ConversationRecord | null): record is ConversationRecord {
  return record !== null && record.ownerId === userId && isOpen(record);
}

/** Who is told that it changed: everybody whose list shows it; of a temporary one only who looks at it. */
export function audienceOf({ id, ownerId, state }: ConversationRecord): { readonly user: string } | { readonly conversation: string } {
  return state === 'temporary' ? { conversation: id } : { user: ownerId };
}

const MOST_MODES = 32;

/** @throws AppError BAD_REQUEST for more modes than a person can choose */
export function modePairs(modes: Readonly<Record<string, string>>): [mode: string, option: string][] {
  const pairs = Object.entries(modes);
  if (pairs.length > MOST_MODES) throw new AppError('BAD_REQUEST', { message: 'Too many modes.', params: { limit: MOST_MODES } });
  return pairs;
}

export function toConversation(record: ConversationRecord): Conversation {
  const { model, level } = record.settings;
  return {
    id: record.id,
    title: record.title,
    headId: record.headId,
    ...(typeof model === 'string' ? { model } : {}),
    ...(typeof level === 'string' ? { level } : {}),
    ...(record.runningId === null ? {} : { running: true }),
    ...(record.pinned === true ? { pinned: true } : {}),
    ...(record.state === 'archived' ? { archived: true } : {}),
    ...(record.state === 'temporary' ? { temporary: true } : {}),
    ...(record.folderId === undefined ? {} : { folderId: record.folderId }),
    ...(record.profile === undefined ? {} : { profile: record.profile }),
    ...(record.modes === undefined || record.modes.length === 0 ? {} : { modes: Object.fromEntries(record.modes) }),
    ...(record.forkedFrom === undefined ? {} : { forkedFrom: record.forkedFrom }),
    createdAt: isoTime(record.createdAt),
    updatedAt: isoTime(record.updatedAt),
  };
}
