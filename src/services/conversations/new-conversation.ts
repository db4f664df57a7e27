import { newId } from '../../lib/new-id.ts';
import { indexWords } from '../../lib/normalise-words.ts';
import type { Settings } from '../../protocol/index.ts';
import { type ConversationRecord, modePairs } from './conversation-record.ts';

export interface NewConversation {
  readonly ownerId: string;
  readonly title: string;
  readonly titledBy: ConversationRecord['titledBy'];
  readonly now: number;
  readonly settings?: Settings;
  readonly profile?: string | undefined;
  /** In no list and found by no search: its words are not kept. */
  readonly temporary?: boolean | undefined;
  readonly folderId?: string | undefined;
  readonly modes?: Readonly<Record<string, string>> | undefined;
}

/** An empty conversation. @throws AppError BAD_REQUEST for too many modes */
export function newConversation(fields: NewConversation): ConversationRecord {
  const { ownerId, title, titledBy, now, settings = {}, profile, temporary = false, folderId, modes } = fields;
  return {
    id: newId(),
    ownerId,
    title,
    titledBy,
    headId: null,
    settings,
    state: temporary ? 'temporary' : 'live',
    deletedAt: temporary ? now : null,
    runningId: null,
    words: temporary ? [] : indexWords(title),
    ...(profile === undefined ? {} : { profile }),
    ...(folderId === undefined ? {} : { folderId }),
    ...(modes === undefined ? {} : { modes: modePairs(modes) }),
    createdAt: now,
    updatedAt: now,
  };
}
